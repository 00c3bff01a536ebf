import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import type { NextFunction, Request, Response } from 'express'

/**
 * The files a page loads, each named here: never a folder. They are read and compressed once at start and served under
 * one address that bears the hash of all of them, so that they may be kept for ever and name each other by relative paths.
 */
export interface Assets {
  /** The address of a file: /assets/<hash>/<name>. */
  url(name: AssetName): string
  /** Express middleware that answers those addresses. */
  serve(request: Request, response: Response, next: NextFunction): void
  readonly files: ReadonlyMap<string, Asset>
}

export interface Asset {
  type: string
  bytes: Buffer
  /** Null where compressing gains nothing. */
  brotli: Buffer | null
}

const own = fileURLToPath(new URL('./assets/', import.meta.url))
const require = createRequire(import.meta.url)
const sans = '@fontsource-variable/ibm-plex-sans'
const mono = '@fontsource/ibm-plex-mono'

const sources = {
  'crossdock.css': join(own, 'crossdock.css'),
  'icons.svg': join(own, 'icons.svg'),
  'mark.svg': join(own, 'mark.svg'),
  'portal.js': join(own, 'portal.js'),
  'htmx.esm.min.js': packageFile('htmx.org', 'dist/htmx.esm.min.js'),
  'plex-sans-latin.woff2': packageFile(sans, 'files/ibm-plex-sans-latin-wght-normal.woff2'),
  'plex-sans-latin-ext.woff2': packageFile(sans, 'files/ibm-plex-sans-latin-ext-wght-normal.woff2'),
  'plex-mono-latin-400.woff2': packageFile(mono, 'files/ibm-plex-mono-latin-400-normal.woff2'),
  'plex-mono-latin-600.woff2': packageFile(mono, 'files/ibm-plex-mono-latin-600-normal.woff2'),
} as const

export type AssetName = keyof typeof sources

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

let loaded: Assets | null = null

/** The assets, read and compressed on first use. */
export function assets(): Assets {
  loaded ??= load()
  return loaded
}

function load(): Assets {
  const files = new Map<string, Asset>()
  const hash = createHash('sha256')
  for (const [name, path] of Object.entries(sources)) {
    const bytes = withoutSourceMap(name, readFileSync(path))
    hash.update(name).update(bytes)
    files.set(name, { type: types[name.split('.').at(-1)!]!, bytes, brotli: compressed(name, bytes) })
  }
  const folder = `/assets/${hash.digest('hex').slice(0, 16)}/`
  return {
    files,
    url: (name) => folder + name,
    serve: (request, response, next) => {
      const file = request.path.startsWith(folder) ? files.get(request.path.slice(folder.length)) : undefined
      if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return next()
      answer(file, request, response)
    },
  }
}

function answer(file: Asset, request: Request, response: Response): void {
  response.set({
    'content-type': file.type,
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'same-origin',
    vary: 'Accept-Encoding',
  })
  const brotli = file.brotli !== null && /\bbr\b/.test(request.get('accept-encoding') ?? '')
  if (brotli) response.set('content-encoding', 'br')
  response.end(brotli ? file.brotli : file.bytes)
}

function compressed(name: string, bytes: Buffer): Buffer | null {
  if (name.endsWith('.woff2')) return null
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
}

/** The map is not served, and browsers would ask for it. */
function withoutSourceMap(name: string, bytes: Buffer): Buffer {
  if (!name.endsWith('.js')) return bytes
  return Buffer.from(bytes.toString('utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n'))
}

function packageFile(name: string, path: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const candidate = join(folder, name, path)
    try {
      readFileSync(candidate)
      return candidate
    } catch {
      // the next node_modules on the way up may have it
    }
  }
  throw new Error(`the package ${name} is not installed with ${path}: run npm ci`)
}
