import { clsx, type ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** Joins class names; of two that set the same property, the later wins. */
export const cn = (...names: ClassValue[]): string => twMerge(clsx(names));
