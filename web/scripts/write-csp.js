// Writes `build/csp.json`: the Content-Security-Policy header that the server sends with every page.
//
// SvelteKit puts the policy, with the hash of its start script, into a <meta> tag. A header is stronger:
// it also covers `frame-ancestors`, and it holds when the page itself is tampered with in a cache.
import { readFile, writeFile } from 'node:fs/promises';

const page = await readFile('build/200.html', 'utf8');
const meta = /<meta http-equiv="content-security-policy" content="([^"]*)"/.exec(page);
if (!meta?.[1]) throw new Error('build/200.html carries no content-security-policy');

const policy = `${meta[1].replaceAll('&#39;', "'")}; frame-ancestors 'none'`;
if (/script-src[^;]*'unsafe-inline'/.test(policy)) throw new Error(`unsafe policy: ${policy}`);
await writeFile('build/csp.json', `${JSON.stringify({ policy }, null, 2)}\n`);
console.log(`build/csp.json: ${policy}`);
