import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { openKeeper } from '#hub/ledger/keeper.ts'
import { createSequencer } from '#hub/ledger/sequence.ts'
import { chromiumPath, startBrowser } from '#tests/support/browser.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { sequenceAll } from '#tests/support/ledger.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seedPortal, type PortalSeed } from '#tests/support/seed-portal.ts'
import { seedDocument } from '#tests/support/seed-document.ts'

/** The portal in a real browser. Without one it is left out, with a note; under CI that is a failure. */
const path = chromiumPath()
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

test('a Chromium is installed (apt-get install chromium, or CHROMIUM_PATH)', ({ skip }) => {
  if (path === null && process.env['CI'] !== 'true') skip('no Chromium here: the portal was not looked at')
  expect(path).not.toBeNull()
})

describe.skipIf(path === null)('in a browser', () => {
  let database: TestDatabase
  let seeded: PortalSeed
  let portal: TestPortal
  let browser: Browser
  const cookies = new Map<string, string>()

  beforeAll(async () => {
    database = await testDatabase()
    seeded = await seedPortal(database)
    const candidates = [
      { kind: 'profile', key: 'kestrel sends order as edifact (live, guide *)', refused: null },
      { kind: 'agreement', key: 'kestrel-orders version 3', refused: { reason: 'datesOutside' } },
    ]
    await database.admin.query('update document set versions = $2 where id = $1', [
      seeded.documents.strangers.id,
      { candidates },
    ])
    await signLedger()
    portal = await testPortal(database, seeded)
    browser = await startBrowser(path!)
    for (const who of ['operator', 'lambert', 'brouwer'] as const) {
      cookies.set(who, await portal.signIn(seeded.people[who].email, seeded.password))
    }
  })
  afterAll(async () => {
    await browser.close()
    await portal.close()
    await database.drop()
  })

  /** So that pages show a checkpoint. */
  async function signLedger(): Promise<void> {
    const ledgerKey = Buffer.alloc(32, 1).toString('base64')
    const dataFolder = await mkdtemp(join(tmpdir(), 'crossdock-browser-'))
    const keeper = openKeeper({ ledgerKey, dataFolder })
    const sequencer = createSequencer({ store: database.store, keeper, log: createLog('silent') })
    await sequenceAll(sequencer)
    await sequencer.stop()
    await rm(dataFolder, { recursive: true })
  }

  interface Look {
    who?: 'operator' | 'lambert' | 'brouwer'
    language?: 'en' | 'fr'
    theme?: 'light' | 'dark'
    width?: number
    javaScriptEnabled?: boolean
  }

  /** A page of its own, and what its console complained about. */
  async function open(look: Look): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
    const { who, language = 'en', theme = 'light', width = 1280, javaScriptEnabled = true } = look
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: theme,
      javaScriptEnabled,
    })
    await context.addCookies([{ name: 'language', value: language, url: portal.url }])
    if (who) {
      const [name, value] = cookies.get(who)!.split('=') as [string, string]
      await context.addCookies([{ name, value, url: portal.url }])
    }
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    return { context, page, complaints }
  }

  async function signIn(page: Page, email: string): Promise<void> {
    await page.goto(`${portal.url}/`)
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password').fill(seeded.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Documents' }).waitFor()
  }

  test('an operator signs in, searches order 345, opens its timeline and looks at its artefacts', async () => {
    const { context, page, complaints } = await open({})
    await signIn(page, seeded.people.operator.email)
    await page.getByRole('searchbox').fill('order 345')
    await page.getByText('Order 345 was delivered to Brouwer & Zonen').waitFor()
    expect(page.url()).toContain('q=order+345')
    await page.getByRole('link', { name: 'Open the timeline' }).click()
    await page
      .getByRole('heading', { level: 1, name: /Order 345 was delivered .* nobody has to act/ })
      .waitFor()
    await page.getByText('IMD+F++:::Bière ambrée 33 cl').waitFor()
    await page.getByRole('link', { name: 'Output', exact: true }).click()
    await page.getByText('<ID>345</ID>').waitFor()
    expect(page.url()).toContain('pane=output')
    await page.getByRole('link', { name: 'Acknowledgements', exact: true }).click()
    await page.getByText('It says: interchange 870 accepted.').waitFor()
    await page.getByRole('link', { name: 'Canonical', exact: true }).click()
    await page.getByText('"currency": "EUR"').waitFor()
    await page.goBack()
    await page.getByText('It says: interchange 870 accepted.').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  test('a partner’s user sees why an order stopped, where, and that it is their turn', async () => {
    const { context, page, complaints } = await open({})
    await signIn(page, seeded.people.lambert.email)
    await page.getByRole('link', { name: '346', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: /it is your turn/ }).waitFor()
    const stop = page.locator('#stop')
    expect(await stop.innerText()).toMatch(
      /Stopped during checking[\s\S]*20261132 does not exist[\s\S]*segment 4, DTM[\s\S]*CD-3001/,
    )
    expect(await page.locator('.segments .fault mark').innerText()).toBe('20261132')
    expect(await page.getByRole('link', { name: 'Output', exact: true }).count()).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })

  test('everything works without JavaScript', async () => {
    const { context, page } = await open({ javaScriptEnabled: false })
    await signIn(page, seeded.people.operator.email)
    await page.getByRole('searchbox').fill('commande 345')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: 'Open the timeline' }).click()
    await page.getByRole('link', { name: 'Raw', exact: true }).click()
    await page.getByText('UNH+1+ORDERS:D:96A').waitFor()
    await page.getByRole('link', { name: 'Overview' }).first().click()
    await page.getByRole('heading', { level: 1, name: '2 documents wait for a person' }).waitFor()
    const refused = page.getByRole('listitem').filter({ hasText: 'Which deliveries are on hold?' })
    await refused.getByRole('link', { name: '1 document' }).click()
    await page.getByText('1 document', { exact: true }).waitFor()
    await page.goBack()
    await page.goBack()
    await page.getByRole('button', { name: 'Français' }).click()
    await page.getByRole('heading', { level: 1, name: /La commande 345 a été livrée/ }).waitFor()
    await page.getByText('Compte', { exact: true }).click()
    await page.getByRole('button', { name: 'Se déconnecter' }).click()
    await page.getByRole('heading', { name: 'Se connecter' }).waitFor()
    await context.close()
  })

  const pages = (): [string, NonNullable<Look['who']> | undefined, string][] => {
    const { documents } = seeded
    return [
      ['log-in', undefined, '/sign-in'],
      ['codes', undefined, '/docs#CD-1005'],
      ['list', 'operator', '/p/documents'],
      ['search', 'operator', '/p/documents?q=order+345&env=live'],
      ['nothing found', 'lambert', '/p/documents?q=zzz'],
      ['stopped', 'lambert', `/p/documents/${documents.rejected.id}`],
      ['two panes', 'operator', `/p/documents/${documents.delivered.id}?pane=segments&beside=output`],
      ['acknowledgements', 'lambert', `/p/documents/${documents.rejected.id}?pane=acknowledgement`],
      ['not routed', 'operator', `/p/documents/${documents.strangers.id}`],
      ['receiver', 'brouwer', `/p/documents/${documents.overdue.id}`],
      ['retrying', 'operator', `/p/documents/${documents.retrying.id}?pane=raw`],
      ['exchange', 'lambert', `/p/exchanges/${documents.rejected.transmissionId}`],
      ['overview', 'operator', '/ops'],
      ['list of a figure', 'operator', `/p/documents?since=2026-01-01T00:00:00.000Z&code=CD-3001&step=check`],
      ['not found', 'brouwer', `/p/documents/${documents.strangers.id}`],
    ]
  }

  // each page is loaded once a language, then looked at in both themes and widths
  test.each(['en', 'fr'] as const)(
    'no page has an accessibility fault in %s, light or dark, wide or narrow',
    async (language) => {
      for (const [name, who, address] of pages()) {
        const { context, page } = await open({ language, ...(who && { who }) })
        await page.goto(portal.url + address)
        await page.evaluate('document.fonts.ready.then(() => null)')
        // the policy of the page forbids inline scripts; the debugger's own evaluation is not bound by it
        await page.evaluate(axeSource)
        for (const theme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: theme })
          for (const width of [1280, 390]) {
            await page.setViewportSize({ width, height: 900 })
            expect([name, theme, width, await faultsOf(page)]).toEqual([name, theme, width, []])
          }
        }
        await context.close()
      }
    },
    240_000,
  )

  test('no page is wider than a screen of 320 px', async () => {
    for (const language of ['en', 'fr'] as const) {
      for (const [name, who, address] of pages()) {
        const { context, page } = await open({
          language,
          width: 320,
          javaScriptEnabled: true,
          ...(who && { who }),
        })
        await page.goto(portal.url + address)
        const width = await page.evaluate<number>('document.documentElement.scrollWidth')
        expect([name, width]).toEqual([name, 320])
        await context.close()
      }
    }
  }, 120_000)

  test('P1 what partners write is text on every page and runs nowhere', async () => {
    const strings = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "'><svg onload=alert(1)>",
      '{{constructor.constructor("alert(1)")()}}',
      'javascript:alert(1)',
      '</pre><iframe srcdoc="<script>alert(1)</script>">',
      '" hx-get="/sign-out" hx-trigger="load',
    ]
    for (const string of strings) {
      const raw = `UNB+UNOC:3+1:14+2:14+261120:0914+X'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++${string.replace(/[?+:']/g, '?$&')}'UNT+3+1'UNZ+1+X'`
      const { id, transmissionId } = await seedDocument(database, seeded, {
        from: seeded.partners.lambert,
        to: seeded.partners.brouwer,
        number: string,
        wireType: string,
        reference: string,
        fileName: string,
        raw,
        canonical: { type: string },
        output: string,
        findings: [{ code: 'messageFaulty', severity: 'error', message: string, position: { path: string } }],
        processing: 'rejected',
        code: 'CD-3001',
        stoppedAt: 'check',
      })
      const { context, page, complaints } = await open({ who: 'operator' })
      const address = `/p/documents?q=${encodeURIComponent(string)}`
      const panes = ['raw', 'segments', 'canonical', 'acknowledgement'].map(
        (pane) => `/p/documents/${id}?pane=${pane}`,
      )
      for (const one of [address, ...panes, `/p/exchanges/${transmissionId}`]) {
        await page.goto(portal.url + one)
        const foreign = await page.evaluate<number>(
          `document.querySelectorAll('main img, main iframe, main script, svg[onload], main [hx-get="/sign-out"]').length`,
        )
        expect([one, foreign]).toEqual([one, 0])
      }
      await page.goto(portal.url + address)
      expect(await page.getByRole('searchbox').inputValue()).toBe(string)
      expect(await page.locator('main').innerText()).toContain(string)
      expect(complaints).toEqual([])
      await context.close()
    }
  }, 60_000)

  test('a first visit stays within its budget of requests and bytes, and nothing moves while it loads', async () => {
    const { context, page } = await open({ who: 'operator' })
    let requests = 0
    let bytes = 0
    page.on('requestfinished', async (request) => {
      requests += 1
      bytes += (await request.sizes()).responseBodySize
    })
    await page.goto(`${portal.url}/p/documents`, { waitUntil: 'networkidle' })
    const shift = await page.evaluate<number>(`new Promise((resolve) => {
      let total = 0
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) total += entry.value
      }).observe({ type: 'layout-shift', buffered: true })
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(total)))
    })`)
    expect(requests).toBeLessThanOrEqual(12)
    expect(bytes).toBeLessThan(120_000)
    expect(shift).toBeLessThan(0.01)
    await context.close()
  })
})

/** What axe finds wrong with a page as it stands. */
function faultsOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    interface Fault {
      id: string
      nodes: { html: string }[]
    }
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Fault[] }> } }
    return (await axe.run()).violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html}`)
  })
}
