/**
 * A real provider of identity (`oidc-provider`) for the tests, here and of the server: prints its address, and ends with its
 * standard input. Whoever signs in says by themselves what they are called and which groups they are in.
 */
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

// What it says beside its address, nobody reads.
console.info = () => undefined;

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', answer(new Provider(issuer, configuration())));
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

/** What those who signed in said of themselves, by name. */
const people = new Map();

function configuration() {
  return {
    clients: [
      {
        client_id: 'revenge',
        client_secret: 'a secret of the tests',
        redirect_uris: ['http://127.0.0.1/sign-in/oidc/home'],
        post_logout_redirect_uris: ['http://127.0.0.1/sign-in'],
      },
    ],
    cookies: { keys: ['of the tests'] },
    claims: {
      openid: ['sub'],
      profile: ['preferred_username'],
      groups: ['groups'],
    },
    scopes: ['openid', 'groups'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: `subject of ${id}`, preferred_username: id, groups: people.get(id) }),
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile groups');
      await grant.save();
      return grant;
    },
  };
}

function answer(provider) {
  // The servers of the tests have ports of their own.
  provider.Client.prototype.redirectUriAllowed = (uri) => uri.endsWith('/sign-in/oidc/home');
  provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => uri.endsWith('/sign-in');
  const standard = provider.callback();
  return async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return standard(request, response);
    if (request.method === 'GET') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><html lang="en"><title>Provider</title><h1>The house</h1>
        <form method="post"><label>Login <input name="login"></label>
        <label>Groups <input name="groups"></label><button>Go on</button>
        <button name="refuse" value="1">Refuse</button></form>`);
      return undefined;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const login = form.get('login');
    people.set(login, form.get('groups').split(' ').filter(Boolean));
    const result = form.get('refuse')
      ? { error: 'access_denied', error_description: 'they would rather not' }
      : { login: { accountId: login } };
    return provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  };
}
