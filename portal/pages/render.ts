import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import type { Request, Response } from 'express'
import Handlebars from 'handlebars'
import { assets, type AssetName } from '../assets.ts'
import { visitOf } from '../people/visit.ts'
import { ownPath } from './settings.ts'
import type { MessageKey, Params } from '../words.ts'

/**
 * Views are Handlebars files of this folder, compiled at first use; those in parts/ are partials. Escaping is on everywhere. A page
 * is its view within the layout; a request of htmx gets the view alone.
 */
const folder = fileURLToPath(new URL('./', import.meta.url))
const views = [
  'sign-in/sign-in',
  'documents/list',
  'documents/timeline',
  'exchange/exchange',
  'overview/overview',
  'codes/codes',
  'error/error',
] as const
export type View = (typeof views)[number]

type Template = (model: object, options: { data: object }) => string
let compiled: { layout: Template; views: ReadonlyMap<View, Template> } | null = null

export interface Page {
  view: View
  title: string
  model: object
  status?: number
}

/** Answers with a page. */
export function renderPage(request: Request, response: Response, page: Page): void {
  compiled ??= compile()
  const visit = visitOf(response)
  const data = { words: visit.words }
  const body = compiled.views.get(page.view)!(page.model, { data })
  const fragment = request.get('hx-request') === 'true'
  response.vary('HX-Request').vary('Cookie')
  response.status(page.status ?? 200).type('html')
  if (fragment) {
    send(request, response, body)
    return
  }
  const { person, words, theme, checkpoint } = visit
  const layout = {
    title: page.title,
    language: words.language,
    otherLanguage: words.language === 'fr' ? 'en' : 'fr',
    theme,
    person,
    organisation: person === null ? null : (person.partnerName ?? words.t('hub.name')),
    here: ownPath(request.originalUrl),
    themes: (['auto', 'light', 'dark'] as const).map((value) => ({
      value,
      label: words.t(`theme.${value}`),
      current: (theme ?? 'auto') === value,
    })),
    zone: words.zoneName(visit.now),
    // enough of the root to compare it at a glance; the address gives all of it, signed
    checkpoint: checkpoint && {
      size: words.number(checkpoint.size),
      root: checkpoint.root.slice(0, 10),
    },
    onDocuments: page.view === 'documents/list',
    onOverview: page.view === 'overview/overview',
    ofHub: person !== null && person.partnerId === null,
    body: new Handlebars.SafeString(body),
  }
  send(request, response, compiled.layout(layout, { data }))
}

/** Compressed where the browser takes it. Pages hold no secret that a stranger's input could be compressed against. */
function send(request: Request, response: Response, html: string): void {
  response.vary('Accept-Encoding')
  if (!/\bbr\b/.test(request.get('accept-encoding') ?? '')) {
    response.send(html)
    return
  }
  const params = { [constants.BROTLI_PARAM_QUALITY]: 4 }
  response.set('content-encoding', 'br').send(brotliCompressSync(html, { params }))
}

function compile(): NonNullable<typeof compiled> {
  const handlebars = Handlebars.create()
  handlebars.registerHelper('t', function t(key: string, options: Handlebars.HelperOptions) {
    return words(options).t(key as MessageKey, options.hash as Params)
  })
  handlebars.registerHelper('icon', (name: string) => icon(name))
  handlebars.registerHelper('asset', (name: string) => assets().url(name as AssetName))
  for (const file of readdirSync(`${folder}parts`)) {
    if (!file.endsWith('.hbs')) continue
    handlebars.registerPartial(file.slice(0, -4), readFileSync(`${folder}parts/${file}`, 'utf8').trimEnd())
  }
  const read = (name: string): Template =>
    handlebars.compile(readFileSync(`${folder}${name}.hbs`, 'utf8'), { preventIndent: true }) as Template
  return { layout: read('layout'), views: new Map(views.map((name) => [name, read(name)])) }
}

function words(options: Handlebars.HelperOptions): { t(key: MessageKey, params: Params): string } {
  return (options.data as { words: { t(key: MessageKey, params: Params): string } }).words
}

function icon(name: string): Handlebars.SafeString {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`no icon is called ${name}`)
  return new Handlebars.SafeString(
    `<svg class="icon" aria-hidden="true"><use href="${assets().url('icons.svg')}#${name}"/></svg>`,
  )
}
