/** A provider of metadata on this machine that speaks like TMDb and knows a few films nobody made. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const PROVIDER_KEY = 'a-key-of-the-journeys';

interface Film {
  id: number;
  title: string;
  year: number;
  overview: string;
}

/** Two films of one name, so that a name without a year is in doubt. */
export const FILMS = {
  nightjar: { id: 501, title: 'Nightjar', year: 2011, overview: 'A bird that nobody sees.' },
  otherNightjar: {
    id: 502,
    title: 'Nightjar',
    year: 2017,
    overview: 'A pilot who flies at night.',
  },
  orbit: { id: 503, title: 'Quiet Orbit', year: 2017, overview: 'A station falls silent.' },
  otherOrbit: { id: 504, title: 'The Quiet Orbit', year: 2016, overview: 'A dance in five acts.' },
} as const satisfies Record<string, Film>;

const all: Film[] = Object.values(FILMS);

export class ProviderStub {
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<ProviderStub> {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://provider');
      const body =
        searchParams.get('api_key') === PROVIDER_KEY ? answer(pathname, searchParams) : 401;
      const status = typeof body === 'number' ? body : 200;
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(typeof body === 'number' ? { status_code: 7 } : body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ProviderStub(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A body, or the status of a refusal. */
function answer(path: string, query: URLSearchParams): object | number {
  if (path === '/authentication') return { success: true };
  if (path === '/configuration') return { images: {} };
  if (path === '/search/movie') return { page: 1, results: search(query).map(row) };
  if (path.startsWith('/search/')) return { page: 1, results: [] };
  const film = all.find((it) => path === `/movie/${it.id}`);
  return film ? { ...row(film), ...details(film) } : 404;
}

function search(query: URLSearchParams): Film[] {
  const words = (query.get('query') ?? '').toLowerCase();
  const year = Number(query.get('year'));
  return all
    .filter((it) => it.title.toLowerCase().includes(words))
    .filter((it) => !year || it.year === year);
}

const row = ({ id, title, year, overview }: Film) => ({
  id,
  title,
  original_title: title,
  original_language: 'en',
  release_date: `${year}-03-04`,
  overview,
  popularity: 10,
});

const details = ({ id }: Film) => ({
  vote_average: 7.5,
  vote_count: 120,
  genres: [{ id: 1, name: 'Drama' }],
  belongs_to_collection: { id: 9, name: 'The Quiet Collection' },
  production_countries: [{ iso_3166_1: 'NO' }],
  credits: {
    cast: [{ id: 71, name: 'Ylva Brandt', character: 'Ada', order: 0, credit_id: `a${id}` }],
    crew: [
      { id: 72, name: 'Ruth Vik', job: 'Director', department: 'Directing', credit_id: `b${id}` },
    ],
  },
});
