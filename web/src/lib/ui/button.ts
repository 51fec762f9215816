import { tv, type VariantProps } from 'tailwind-variants';

export const buttonVariants = tv({
  base: [
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-full font-medium whitespace-nowrap select-none',
    'transition-[background-color,color,transform,opacity] duration-150 active:scale-[0.98]',
    'disabled:pointer-events-none disabled:opacity-50 aria-disabled:pointer-events-none aria-disabled:opacity-50',
  ],
  variants: {
    variant: {
      primary: 'bg-primary text-primary-foreground hover:bg-primary/88',
      /** The one thing to do on a picture. */
      solid: 'bg-foreground text-background hover:bg-foreground/88',
      secondary: 'bg-secondary text-secondary-foreground hover:bg-secondary/70',
      glass: 'bg-foreground/12 text-foreground backdrop-blur-md hover:bg-foreground/20',
      ghost: 'text-muted-foreground hover:bg-accent hover:text-foreground',
      destructive: 'bg-destructive text-destructive-foreground hover:bg-destructive/88',
      danger: 'text-destructive hover:bg-destructive/12',
    },
    size: {
      sm: 'h-8 px-3.5 text-sm [&_svg]:size-4',
      md: 'h-10 px-5 text-sm [&_svg]:size-4.5',
      lg: 'h-12 px-7 text-base [&_svg]:size-5',
      icon: 'size-10 [&_svg]:size-5',
      iconSm: 'size-8 [&_svg]:size-4',
      iconLg: 'size-12 [&_svg]:size-5',
    },
  },
  defaultVariants: { variant: 'secondary', size: 'md' },
});

export type ButtonVariant = NonNullable<VariantProps<typeof buttonVariants>['variant']>;
export type ButtonSize = NonNullable<VariantProps<typeof buttonVariants>['size']>;
