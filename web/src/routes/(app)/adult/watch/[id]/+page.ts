import { wantedOf } from '$lib/player/wanted';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ params, url }) => wantedOf(params.id, url);
