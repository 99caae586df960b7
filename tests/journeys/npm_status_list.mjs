// jose and @sd-jwt/jwt-status-list, unchanged, against a served tenant that lists its tokens: node status_list.mjs BASE KEY
import assert from 'node:assert/strict'
import * as jose from 'jose'
import { getListFromStatusListJWT, getStatusListFromJWT } from '@sd-jwt/jwt-status-list'

const [base, key] = process.argv.slice(2)
const headers = { 'x-api-key': key, 'content-type': 'application/json' }
const ask = (path, method, body) => fetch(base + path, { method, headers, body: body && JSON.stringify(body) })
const pause = (ms) => new Promise((resume) => setTimeout(resume, ms))

await ask('/admin/tokens/status-list', 'PUT', { enabled: true })
let made, access
do { // a node knows it a second or two later
  await pause(200)
  made = (await (await ask('/internal/session/create', 'POST', { auth_user_id: 'usr_1' })).json()).data
  access = made.tokens.access_token
} while (!jose.decodeJwt(access).status)

const keys = jose.createRemoteJWKSet(new URL(`${base}/.well-known/jwks.json`))
const { idx, uri } = getStatusListFromJWT(access)
const status = async () => {
  const answer = await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } })
  assert.equal(answer.headers.get('content-type'), 'application/statuslist+jwt')
  const token = await answer.text()
  const { payload } = await jose.jwtVerify(token, keys, { typ: 'statuslist+jwt', subject: uri })
  assert.equal(payload.ttl, 30)
  return getListFromStatusListJWT(token).getStatus(idx)
}
assert.equal(await status(), 0)
assert.equal((await ask(`/internal/session/session/${made.session.id}`, 'DELETE')).status, 204)
const begun = Date.now()
while ((await status()) === 0) assert.ok(Date.now() - begun < 1500)
