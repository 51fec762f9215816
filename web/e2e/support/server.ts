/** The real program on an empty data folder of its own, one per journey. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;
const KEPT_LOG_LINES = 60;

export class RevengeServer {
  readonly url: string;
  readonly #port: number;
  readonly #dataDir: string;
  readonly #settings: Record<string, string>;
  #child: ChildProcess | undefined;
  #log: string[] = [];

  private constructor(port: number, dataDir: string, settings: Record<string, string>) {
    this.#port = port;
    this.#dataDir = dataDir;
    this.#settings = settings;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** `settings` go over those of the environment: `REVENGE_SECTION__KEY`. */
  static async start(settings: Record<string, string> = {}): Promise<RevengeServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'revenge-e2e-'));
    const server = new RevengeServer(await freePort(), dataDir, settings);
    await server.resume();
    return server;
  }

  /** Its last lines of log. */
  get said(): string {
    return this.#log.join('\n');
  }

  /** Starts the program on the data it left behind. */
  async resume(): Promise<void> {
    const offered = (['Movies', 'Shows'] as const).flatMap((it) => ['--media', demoFolder(it)]);
    const child = spawn(setting('REVENGE_BIN'), ['serve', ...offered], {
      env: {
        ...process.env,
        // What a journey sees must not hang on how full the machine's disk is.
        REVENGE_ANALYSIS__MIN_FREE_MB: '0',
        REVENGE_TRANSCODE__MIN_FREE_MB: '0',
        ...this.#settings,
        REVENGE_DATA_DIR: this.#dataDir,
        REVENGE_SERVER__HOST: '127.0.0.1',
        REVENGE_SERVER__PORT: String(this.#port),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#log = [...this.#log, ...chunk.toString().split('\n')].slice(-KEPT_LOG_LINES);
      });
    }
    await this.#ready(child);
  }

  /** Stops cleanly and keeps the data. */
  async pause(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await exited;
    clearTimeout(impatience);
  }

  async stop(): Promise<void> {
    await this.pause();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (Date.now() < deadline && child.exitCode === null) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server did not get ready:\n${this.said}`);
  }
}

/** A folder of the demo media, as the server shows it. */
export const demoFolder = (name: 'Movies' | 'Shows'): string => join(setting('REVENGE_DEMO'), name);

/** A setting that a journey cannot do without. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name} (see web/README.md, "Journeys")`);
  return value;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
