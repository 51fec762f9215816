/** The chooser of pictures as it stands in the address, and how pictures of a role look. Pure. */
import type { ImageRole, ItemImages } from '$lib/api/types';
import { itemPath } from '$lib/kinds';

const PARAMETER = 'artwork';

/** The largest file that the server takes. */
export const MAX_BYTES = 20 * 1024 * 1024;
export const KINDS = 'image/jpeg,image/png,image/webp,image/gif';

/** Roles that few things have: shown once there is a picture for them. */
const RARE: ImageRole[] = ['set_poster', 'set_backdrop'];

const SHAPES: Record<ImageRole, string> = {
  poster: 'aspect-2/3',
  keyart: 'aspect-2/3',
  set_poster: 'aspect-2/3',
  backdrop: 'aspect-video',
  thumb: 'aspect-video',
  set_backdrop: 'aspect-video',
  logo: 'aspect-video',
  clearart: 'aspect-video',
  banner: 'aspect-[5/1]',
  disc: 'aspect-square',
};

export const shapeOf = (role: ImageRole): string => SHAPES[role];

/** Upright pictures stand closer together than wide ones. */
export const isUpright = (role: ImageRole): boolean =>
  SHAPES[role] === 'aspect-2/3' || role === 'disc';

/** Pictures that something shows through are shown whole. */
export const isSeeThrough = (role: ImageRole): boolean =>
  role === 'logo' || role === 'clearart' || role === 'disc';

/** The page of an item with the chooser open. */
export const artworkPath = (item: { id: string; kind: string }): string =>
  `${itemPath(item)}?${PARAMETER}=poster`;

/** The role the chooser is open at; nothing where it is closed. */
export function readRole(search: URLSearchParams): ImageRole | undefined {
  const said = search.get(PARAMETER);
  if (said === null) return undefined;
  return Object.hasOwn(SHAPES, said) ? (said as ImageRole) : 'poster';
}

/** The address with the chooser at this role, or closed. */
export function withRole(url: URL, role: ImageRole | undefined): URL {
  const next = new URL(url);
  if (role) next.searchParams.set(PARAMETER, role);
  else next.searchParams.delete(PARAMETER);
  return next;
}

/** The roles worth a tab. */
export const tabsOf = ({ roles }: ItemImages, current: ImageRole): ItemImages['roles'] =>
  roles.filter((it) => it.images.length > 0 || it.role === current || !RARE.includes(it.role));
