/** A real provider of identity for a journey, and the settings of a server that knows it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = new URL('identity-provider.js', import.meta.url).pathname;

export class IdentityHouse {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly issuer: string;

  private constructor(child: ChildProcess, folder: string, issuer: string) {
    this.#child = child;
    this.#folder = folder;
    this.issuer = issuer;
  }

  static async start(): Promise<IdentityHouse> {
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
    const issuer = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (said: Buffer) => resolve(said.toString().trim()));
      child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)));
    });
    return new IdentityHouse(child, await mkdtemp(join(tmpdir(), 'revenge-oidc-')), issuer);
  }

  /** A configuration with this provider and `more` of the section `sign_in`, in JSON, which is YAML. */
  async settings(more: object = {}): Promise<Record<string, string>> {
    const home = {
      id: 'home',
      name: 'Home',
      issuer: this.issuer,
      client_id: 'revenge',
      client_secret: 'a secret of the tests',
      scopes: ['profile', 'groups'],
      create: 'by_group',
      libraries: [{ group: 'family', libraries: ['*'] }],
    };
    const file = join(this.#folder, 'revenge.yaml');
    await writeFile(file, JSON.stringify({ sign_in: { oidc: [home], ...more } }));
    return { REVENGE_CONFIG: file };
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
