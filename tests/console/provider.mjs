// oidc-provider, unchanged, as the OpenID provider of administrators: node provider.mjs CALLBACK
import { Provider } from 'oidc-provider'

const [callback] = process.argv.slice(2)
const configuration = {
  clients: [{ client_id: 'console', client_secret: 'a secret of the console', redirect_uris: [callback], response_types: ['code'], grant_types: ['authorization_code'] }],
  pkce: { required: () => true },
  claims: { openid: ['sub', 'groups', 'amr'], profile: ['name'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: id.startsWith('boss') ? ['staff', 'bosses'] : ['staff'] }) }),
  cookies: { keys: ['only a test'] },
}
const server = (await import('node:http')).createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  server.on('request', new Provider(issuer, configuration).callback())
  console.log(issuer)
})
