// jose, oauth4webapi and openid-client, unchanged, against a served tenant: node clients.mjs BASE KEY ACCESS REFRESH
import assert from 'node:assert/strict'
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

const [base, key, access, refresh] = process.argv.slice(2)
const [id, secret] = key.split('.')
const issuer = new URL(`${base}/acme`)
const plain = { [oauth.allowInsecureRequests]: true }
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'

const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain })
const server = await oauth.processDiscoveryResponse(issuer, found)

const keys = jose.createRemoteJWKSet(new URL(server.jwks_uri))
const expected = { issuer: server.issuer, audience: 'autional', typ: 'at+jwt' }
assert.equal((await jose.jwtVerify(access, keys, expected)).payload.sub, 'usr_1')

const client = { client_id: id }
const basic = oauth.ClientSecretBasic(secret)
const introspect = async (token) =>
  oauth.processIntrospectionResponse(server, client, await oauth.introspectionRequest(server, client, basic, token, plain))
assert.equal((await introspect(access)).sub, 'usr_1')

const parameters = { subject_token: access, subject_token_type: accessToken, audience: 'api.example.com' }
const asked = await oauth.genericTokenEndpointRequest(server, client, basic, tokenExchange, parameters, plain)
const exchanged = await oauth.processGenericTokenEndpointResponse(server, client, asked)
assert.equal(jose.decodeJwt(exchanged.access_token).aud, 'api.example.com')

const request = new Request(`${base}/resource`, { headers: { authorization: `Bearer ${access}` } })
assert.equal((await oauth.validateJwtAccessToken(server, request, 'autional', plain)).client_id, 'web')

const options = { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] }
const config = await openid.discovery(issuer, id, secret, openid.ClientSecretBasic(secret), options)
assert.equal((await openid.tokenIntrospection(config, refresh)).active, true)
await openid.tokenRevocation(config, refresh)
assert.deepEqual(await openid.tokenIntrospection(config, access), { active: false })
