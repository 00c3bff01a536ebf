import { expect, test } from 'vitest'
import { assets } from './assets.ts'

const kilobytes = (...names: string[]) =>
  names.reduce((sum, name) => {
    const file = assets().files.get(name)!
    return sum + (file.brotli ?? file.bytes).length
  }, 0) / 1000

test('style, icons, script and fonts stay within their budgets, as brotli', () => {
  expect(kilobytes('crossdock.css')).toBeLessThan(10)
  expect(kilobytes('icons.svg')).toBeLessThan(3)
  expect(kilobytes('htmx.esm.min.js', 'portal.js')).toBeLessThan(18)
  expect(
    kilobytes('plex-sans-latin.woff2', 'plex-mono-latin-400.woff2', 'plex-mono-latin-600.woff2'),
  ).toBeLessThan(80)
})

test('all addresses bear one hash of the content', () => {
  expect(assets().url('crossdock.css')).toMatch(/^\/assets\/[0-9a-f]{16}\/crossdock\.css$/)
})
