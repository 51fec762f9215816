/** One server with both libraries of the demo, for the journeys that do not begin with an empty one. */
import type { TestProject } from 'vitest/node';
import { OWNER } from './people';
import { demoFolder, RevengeServer } from './server';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the server answers. */
    url: string;
  }
}

const SCANNED_WITHIN_MS = 60_000;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await RevengeServer.start();
  try {
    await fill(server);
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  project.provide('url', server.url);
  return () => server.stop();
}

/** The owner's account and both libraries, scanned. */
async function fill(server: RevengeServer): Promise<void> {
  const { token } = await call<{ token: string }>(server, 'POST', 'setup', OWNER);
  for (const [kind, name, folder] of [
    ['movies', 'Films', demoFolder('Movies')],
    ['shows', 'Shows', demoFolder('Shows')],
  ]) {
    const body = { kind, name, folders: [folder] };
    const library = await call<{ id: string }>(server, 'POST', 'libraries', body, token);
    await call(server, 'POST', `libraries/${library.id}/scan`, undefined, token);
  }
  const deadline = Date.now() + SCANNED_WITHIN_MS;
  while (!(await isScanned(server, token))) {
    if (Date.now() > deadline) throw new Error('the demo was not scanned in time');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function isScanned(server: RevengeServer, token: string): Promise<boolean> {
  const { items } = await call<{ items: { last_scanned_at: string | null }[] }>(
    server,
    'GET',
    'libraries',
    undefined,
    token,
  );
  return items.every((it) => it.last_scanned_at);
}

async function call<T>(
  server: RevengeServer,
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<T> {
  const response = await fetch(`${server.url}/api/v1/${path}`, {
    method,
    headers: {
      ...(body && { 'Content-Type': 'application/json' }),
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
