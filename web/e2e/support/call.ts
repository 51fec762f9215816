/** Asking the server as the person of a page, for what a journey needs and is not about. */
import type { Page } from 'playwright-core';

export const call = <Answer>(page: Page, method: string, path: string, body?: object) =>
  page.evaluate(
    async ([method, path, body]) => {
      const response = await fetch(`/api/v1${path}`, {
        method,
        headers: { 'X-Revenge': '1', ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
      return (response.status === 204 ? undefined : await response.json()) as unknown;
    },
    [method, path, body] as const,
  ) as Promise<Answer>;

/** The film or series of this title. */
export async function findItem(page: Page, title: string): Promise<string> {
  const { hits } = await call<{ hits: { id: string; title: string }[] }>(
    page,
    'GET',
    `/search?q=${encodeURIComponent(title)}`,
  );
  const found = hits.find((it) => it.title === title);
  if (!found) throw new Error(`there is no ${title}`);
  return found.id;
}
