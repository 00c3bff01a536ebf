import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codes } from '#hub/model/codes/index.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seedPortal, type PortalSeed } from '#tests/support/seed-portal.ts'

let database: TestDatabase
let seeded: PortalSeed
let portal: TestPortal
const cookies = new Map<string, string>()

beforeAll(async () => {
  database = await testDatabase()
  seeded = await seedPortal(database)
  portal = await testPortal(database, seeded)
  for (const [name, person] of Object.entries(seeded.people)) {
    cookies.set(name, await portal.signIn(person.email, seeded.password))
  }
})
afterAll(async () => {
  await portal.close()
  await database.drop()
})

const as = (who: keyof PortalSeed['people'], path: string, headers: Record<string, string> = {}) =>
  portal.get(path, { cookie: cookies.get(who)!, ...headers })
const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(portal.url + path, { method: 'POST', body: new URLSearchParams(form), headers, redirect: 'manual' })

describe('log-in', () => {
  test('strangers are sent to the log-in and back to where they wanted to go, never elsewhere', async () => {
    const asked = await portal.get('/p/documents?q=345')
    expect(asked.status).toBe(302)
    expect(asked.headers.get('location')).toBe('/sign-in?back=%2Fp%2Fdocuments%3Fq%3D345')
    const { email } = seeded.people.operator
    for (const back of [
      'https://elsewhere.example/',
      '//elsewhere.example',
      '/\\elsewhere.example',
      'javascript:alert(1)',
    ]) {
      const answer = await post('/sign-in', { email, password: seeded.password, back })
      expect(answer.headers.get('location')).toBe('/p/documents')
    }
  })

  test('unknown people and wrong passwords are answered alike: 422, the same page', async () => {
    const wrong = await post('/sign-in', { email: seeded.people.lambert.email, password: 'no' })
    const unknown = await post('/sign-in', { email: 'nobody@portal.example', password: 'no' })
    expect([wrong.status, unknown.status]).toEqual([422, 422])
    const page = async (answer: Response, email: string) => (await answer.text()).replaceAll(email, '')
    expect(await page(unknown, 'nobody@portal.example')).toBe(await page(wrong, seeded.people.lambert.email))
  })

  test('after five tries in vain even the right password has to wait', async () => {
    const form = { email: 'target@portal.example', password: 'no' }
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push((await post('/sign-in', form)).status)
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429])
    expect(Number((await post('/sign-in', form)).headers.get('retry-after'))).toBeGreaterThan(60)
  })

  test('P4 the session is new at each log-in, kept as a hash, and gone after log-out', async () => {
    const { email } = seeded.people.lambert
    const planted = `session=${'A'.repeat(43)}`
    const answer = await fetch(`${portal.url}/sign-in`, {
      method: 'POST',
      body: new URLSearchParams({ email, password: seeded.password }),
      headers: { cookie: planted },
      redirect: 'manual',
    })
    const set = answer.headers.get('set-cookie')!
    expect(set).toMatch(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    const cookie = set.split(';')[0]!
    expect(cookie).not.toBe(planted)
    const { rows } = await database.admin.query<{ token: string }>(
      `select encode(token_sha256, 'base64') token from session`,
    )
    expect(rows.map((row) => row.token)).not.toContain(cookie.slice('session='.length))
    expect((await portal.get('/p/documents', { cookie })).status).toBe(200)
    expect((await portal.get('/p/documents', { cookie: planted })).status).toBe(401)
    await post('/sign-out', {}, { cookie })
    expect((await portal.get('/p/documents', { cookie })).status).toBe(401)
    const entries = await database.admin.query(`select from entry where type = 'person.signed_in'`)
    expect(entries.rowCount).toBeGreaterThan(0)
  })

  test('a session ends after half an hour of silence and twelve hours in any case', async () => {
    const ended = async (change: string) => {
      const cookie = await portal.signIn(seeded.people.kestrel.email, seeded.password)
      await database.admin.query(
        `update session set ${change} where created_at = (select max(created_at) from session)`,
      )
      return (await portal.get('/p/documents', { cookie })).status
    }
    expect(await ended(`last_seen_at = now() - interval '29 minutes'`)).toBe(200)
    expect(await ended(`last_seen_at = now() - interval '31 minutes'`)).toBe(401)
    expect(await ended(`expires_at = now()`)).toBe(401)
  })

  test('P3 forms from other sites are refused', async () => {
    const form = { email: seeded.people.operator.email, password: seeded.password }
    expect((await post('/sign-in', form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post('/sign-in', form, { origin: 'https://elsewhere.example' })).status).toBe(403)
    expect((await post('/sign-out', {}, { origin: 'null' })).status).toBe(403)
    expect((await post('/settings', { language: 'fr' }, { origin: portal.url })).status).toBe(303)
  })
})

describe('P5 what is another partner’s', () => {
  test('is not found, on every route, and does not differ from what does not exist', async () => {
    const { delivered, rejected } = seeded.documents
    const nothing = '01a20000-0000-7000-8000-000000000000'
    const paths = (documentId: string, transmissionId: string, deliveryId: string) => [
      `/p/documents/${documentId}`,
      `/p/documents/${documentId}?pane=raw`,
      `/p/documents/${documentId}/outputs/${deliveryId}`,
      `/p/exchanges/${transmissionId}`,
      `/p/exchanges/${transmissionId}/raw`,
    ]
    const others = paths(delivered.id, delivered.transmissionId, delivered.deliveryId!)
    const none = paths(nothing, nothing, nothing)
    for (const [index, path] of others.entries()) {
      const answer = await as('kestrel', path)
      const missing = await as('kestrel', none[index]!)
      expect([path, answer.status]).toEqual([path, 404])
      const plain = async (one: Response, wanted: string) =>
        (await one.text()).replaceAll(wanted.replace('=', '&#x3D;'), '')
      expect(await plain(answer, path)).toBe(await plain(missing, none[index]!))
    }
    for (const path of [
      `/v1/documents/${rejected.id}`,
      `/v1/documents/${rejected.id}/timeline`,
      `/v1/exchanges/${rejected.transmissionId}`,
    ]) {
      expect((await portal.get(path, { authorization: 'Bearer brouwer' })).status).toBe(404)
      expect((await portal.get(path, { authorization: 'Bearer lambert' })).status).toBe(200)
    }
    expect((await as('kestrel', '/p/documents/not-an-id')).status).toBe(404)
  })

  test('the receiver reads nothing of the sender’s file, findings or channel, nor the sender of the receiver’s', async () => {
    const { delivered } = seeded.documents
    const secretsOfSender = ['orders-870.edi', 'Bi&#xE8;re', 'Bière', '3760123451012', 'EDIFACT', 'Mailbox']
    const receiver = async (pane: string) =>
      (await as('brouwer', `/p/documents/${delivered.id}?pane=${pane}`)).text()
    for (const pane of ['raw', 'segments', 'canonical', 'output', 'acknowledgement']) {
      const page = await receiver(pane)
      for (const word of secretsOfSender) expect(page).not.toContain(word)
      expect(page).toContain('Order 345 was delivered')
    }
    const sender = await (await as('lambert', `/p/documents/${delivered.id}?pane=output`)).text()
    for (const word of ['HTTPS', 'urn:oasis', 'wire-', 'Attempt 1']) expect(sender).not.toContain(word)
    expect(sender).toContain('to Brouwer &amp; Zonen')
    const api = await (
      await portal.get(`/v1/documents/${delivered.id}/timeline`, { authorization: 'Bearer lambert' })
    ).text()
    for (const word of ['"https"', 'wire-']) expect(api).not.toContain(word)
  })
})

describe('pages', () => {
  test('bear the content security policy and are not kept by caches', async () => {
    const page = await as('operator', '/p/documents')
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
    )
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('vary')).toContain('HX-Request')
  })

  test('what is at no address is a page for who asks for HTML, and problem details for everybody else', async () => {
    for (const headers of [{}, { cookie: cookies.get('operator')! }]) {
      const page = await portal.get('/nowhere', {
        ...headers,
        accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      })
      expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
      for (const accept of ['*/*', 'application/json', 'text/plain']) {
        const problem = await portal.get('/nowhere', { ...headers, accept })
        expect([problem.status, problem.headers.get('content-type')]).toEqual([
          404,
          'application/problem+json',
        ])
        expect(await problem.json()).toMatchObject({ code: 'CD-8001' })
      }
    }
    expect((await portal.get('/')).headers.get('location')).toBe('/p/documents')
  })

  test('every code has its place at /docs, where problems point to, without a log-in and in both languages', async () => {
    const problem = (await (await portal.get('/v1/documents')).json()) as { type: string }
    expect(problem.type).toBe('/docs#CD-1005')
    for (const language of ['en', 'fr'] as const) {
      const answer = await portal.get('/docs', { accept: 'text/html', 'accept-language': language })
      expect(answer.status).toBe(200)
      const page = await answer.text()
      expect(page).toContain(`<html lang="${language}"`)
      for (const row of Object.values(codes)) expect(page).toContain(`<li id="${row.code}">`)
      expect(page).toContain(codes.notAuthenticated[language].what.replaceAll("'", '&#x27;'))
    }
  })

  test('a request of htmx gets the view without the layout', async () => {
    const fragment = await (await as('operator', '/p/documents?q=345', { 'hx-request': 'true' })).text()
    expect(fragment).toContain('id="results"')
    expect(fragment).not.toContain('<html')
  })

  test('the search answers in one sentence, in the reader’s language', async () => {
    const english = await (await as('operator', '/p/documents?q=order+345')).text()
    expect(english).toMatch(/Order 345 was delivered to Brouwer &amp; Zonen (at|on) .*; nobody has to act\./)
    const french = await (
      await as('operator', '/p/documents?q=commande+345', {
        cookie: `${cookies.get('operator')}; language=fr`,
      })
    ).text()
    expect(french).toMatch(/La commande 345 a été livrée à Brouwer &amp; Zonen .*personne n’a à agir\./)
  })

  test('files that could not be read are rows too, found by their name', async () => {
    const page = await (await as('lambert', '/p/documents?q=scan_')).text()
    expect(page).toContain('scan_1120.pdf')
    expect(page).toContain('CD-2001')
  })

  test('of a document that found no way the hub’s people see what was looked at, and nobody else does', async () => {
    const { id } = seeded.documents.strangers
    const address = `/p/documents/${id}`
    expect(await (await as('operator', address)).text()).toContain('Nothing: sender or receiver is not known')
    const candidates = [
      { kind: 'profile', key: 'kestrel sends order', refused: null },
      { kind: 'agreement', key: 'kestrel-brouwer version 3', refused: { reason: 'datesOutside' } },
      { kind: 'agreement', key: 'kestrel-old', refused: 'as it was kept before' },
    ]
    await database.admin.query('update document set versions = $2 where id = $1', [id, { candidates }])
    const page = await (await as('operator', address)).text()
    expect(page).toContain('What was looked at to route it')
    expect(page).toContain('kestrel-brouwer version 3')
    expect(page).toContain('its dates do not include this day')
    const french = await as('operator', address, { cookie: `${cookies.get('operator')}; language=fr` })
    const inFrench = await french.text()
    expect(inFrench).toContain('Pourquoi il n’a pas été retenu')
    expect(inFrench).toContain('ses dates n’incluent pas ce jour')
    expect(inFrench).toContain('as it was kept before')
    const sender = await (await as('kestrel', address)).text()
    expect(sender).toContain('CD-2007')
    for (const word of ['version 3', 'What was looked at']) expect(sender).not.toContain(word)
    const delivered = await as('operator', `/p/documents/${seeded.documents.delivered.id}`)
    expect(await delivered.text()).not.toContain('What was looked at')
  })

  test('a file is saved, never shown', async () => {
    const raw = await as('lambert', `/p/exchanges/${seeded.documents.rejected.transmissionId}/raw`)
    expect(raw.headers.get('content-type')).toBe('application/octet-stream')
    expect(raw.headers.get('content-disposition')).toBe('attachment; filename=orders-882.edi')
    expect(Buffer.from(await raw.arrayBuffer()).toString('latin1')).toMatch(/^UNB\+UNOC:3.*UNZ\+1\+882'$/)
    const output = await as(
      'brouwer',
      `/p/documents/${seeded.documents.delivered.id}/outputs/${seeded.documents.delivered.deliveryId}`,
    )
    expect(output.status).toBe(200)
    expect(await output.text()).toContain('<ID>345</ID>')
  })

  test('assets are kept for ever, compressed, and only those that are named', async () => {
    const page = await (await as('operator', '/p/documents')).text()
    const css = /href="(\/assets\/[^"]+crossdock\.css)"/.exec(page)![1]!
    const asset = await fetch(portal.url + css, { headers: { 'accept-encoding': 'br' } })
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(asset.headers.get('content-encoding')).toBe('br')
    const beside = css.replace('crossdock.css', 'htmx.js')
    expect((await as('operator', beside)).status).toBe(404)
  })

  test('a list of fifty stays within its budget', async () => {
    const { brotliCompressSync } = await import('node:zlib')
    const page = await (await as('operator', '/p/documents')).text()
    expect(brotliCompressSync(page).length).toBeLessThan(15_000)
  })
})

describe('API', () => {
  const api = async (path: string, token = 'lambert') => {
    const answer = await portal.get(path, { authorization: `Bearer ${token}` })
    return {
      status: answer.status,
      body: (await answer.json()) as Record<string, unknown>,
      type: answer.headers.get('content-type'),
    }
  }

  test('capability 7: status and sentence are those of the portal, for each document', async () => {
    const { body } = await api('/v1/documents')
    const documents = body['documents'] as { id: string; sentence: string; links: { self: string } }[]
    expect(documents.length).toBeGreaterThan(5)
    for (const { id, links } of documents) {
      const { body: one } = await api(links.self)
      const page = await (
        await as('lambert', `/p/documents/${id}`, { cookie: `${cookies.get('lambert')}; language=en` })
      ).text()
      const shown = one['processing'] as { state: string }
      const words = {
        rejected: 'Rejected',
        processed: 'Processed',
        held: 'On hold',
        duplicate: 'Duplicate',
        waiting: '',
      }
      expect(page).toContain(words[shown.state as keyof typeof words])
      // the API's times are UTC, the page's in the person's zone
      const core = String(one['sentence'])
        .split(/ (?:at|on) /)[0]!
        .replaceAll('&', '&amp;')
      expect(page).toContain(core)
    }
  })

  test('a timeline names the receiver; the body of an entry stays as the ledger has it', async () => {
    const { body } = await api(`/v1/documents/${seeded.documents.delivered.id}/timeline`)
    const entries = body['entries'] as {
      type: string
      receiver: string | null
      body: { receiver?: string }
    }[]
    const delivered = entries.find((entry) => entry.type === 'document.delivered')
    expect(delivered?.receiver).toBe('Brouwer & Zonen')
    expect(delivered?.body.receiver).toBe(seeded.partners.brouwer.id)
    const page = await (await as('lambert', `/p/documents/${seeded.documents.delivered.id}`)).text()
    expect(page).not.toContain(seeded.partners.brouwer.id)
  })

  test('pages by key and searches like the portal', async () => {
    const first = await api('/v1/documents?limit=2')
    const second = await api(`/v1/documents?limit=2&cursor=${String(first.body['next'])}`)
    const ids = [first, second].flatMap(({ body }) =>
      (body['documents'] as { id: string }[]).map((one) => one.id),
    )
    expect(new Set(ids).size).toBe(4)
    const { body } = await api('/v1/documents?q=order+3450')
    expect((body['documents'] as { number: string }[]).map((one) => one.number)).toEqual(['3450'])
  })

  test('answers errors as problem details', async () => {
    const problem = await api('/v1/documents/01a20000-0000-7000-8000-000000000000')
    expect(problem).toMatchObject({
      status: 404,
      type: 'application/problem+json',
      body: { code: 'CD-8001' },
    })
    expect(await api('/v1/documents', 'wrong')).toMatchObject({ status: 401, body: { code: 'CD-1005' } })
    expect(await api('/v1/documents?limit=1000')).toMatchObject({ status: 400, body: { code: 'CD-8002' } })
    for (const path of ['/v1', '/v1/', '/v1/nothing']) {
      expect(await api(path)).toMatchObject({ status: 404, type: 'application/problem+json' })
    }
  })

  test('a method that an address does not take is answered with those that it takes', async () => {
    const id = '01a20000-0000-7000-8000-000000000000'
    for (const [method, path, allowed] of [
      ['PUT', '/v1/documents', 'GET, HEAD, POST'],
      ['DELETE', `/v1/documents/${id}`, 'GET, HEAD'],
      ['POST', `/v1/documents/${id}/timeline`, 'GET, HEAD'],
      ['PATCH', `/v1/exchanges/${id}`, 'GET, HEAD'],
    ] as const) {
      const answer = await fetch(portal.url + path, { method })
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, allowed])
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await answer.json()).toMatchObject({ code: 'CD-8007' })
    }
  })
})
