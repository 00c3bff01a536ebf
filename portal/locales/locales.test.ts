import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { en } from './en.ts'
import { fr } from './fr.ts'

const portal = fileURLToPath(new URL('..', import.meta.url))
const files = walk(portal).filter((path) => /\.(ts|hbs)$/.test(path) && !/locales|\.test\.ts$/.test(path))
const source = files.map((path) => readFileSync(path, 'utf8')).join('\n')

test('both languages have the same keys', () => {
  expect(Object.keys(fr).toSorted()).toEqual(Object.keys(en).toSorted())
})

test('both languages have the same places to fill in', () => {
  // {e} is the French ending of a participle
  const places = (text: string) =>
    [...text.matchAll(/\{(\w+)\}/g)]
      .map((match) => match[1]!)
      .filter((name) => name !== 'e')
      .toSorted()
  const wrong = (Object.keys(en) as (keyof typeof en)[]).filter(
    (key) => `${places(en[key])}` !== `${places(fr[key])}`,
  )
  expect(wrong).toEqual([])
})

test('every key is used, and every key that is used is there', () => {
  const families = [...source.matchAll(/`((?:[\w.]|\$\{[^}]+\})+)`/g)]
    .map((match) => match[1]!)
    .filter((template) => template.includes('${'))
    .map((template) => new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\$\{[^}]+\}/g, '[\\w.]+')}$`))
  const isUsed = (key: string) =>
    source.includes(`'${key}'`) || source.includes(`"${key}"`) || families.some((family) => family.test(key))
  expect(Object.keys(en).filter((key) => !isUsed(key))).toEqual([])
  const asked = [...source.matchAll(/(?:\{\{t |\(t |\bt\()["']([\w.]+)["']/g)].map((match) => match[1]!)
  expect(asked.filter((key) => !(key in en))).toEqual([])
  expect(asked.length).toBeGreaterThan(100)
})

test('French has its spaces before high punctuation', () => {
  const wrong = Object.values(fr).filter((text) => / [:;!?»]|« /.test(text))
  expect(wrong).toEqual([])
})

test('every icon that a view or a status names is in the sprite', () => {
  const sprite = readFileSync(join(portal, 'assets/icons.svg'), 'utf8')
  const named = [
    ...source.matchAll(/\{\{icon "([\w-]+)"\}\}/g),
    ...source.matchAll(/\bicon: (?:\w+ \? )?'([\w-]+)'/g),
  ].map((match) => match[1]!)
  expect(named.length).toBeGreaterThan(30)
  expect([...new Set(named)].filter((name) => !sprite.includes(`id="${name}"`))).toEqual([])
})

test('three braces, which switch escaping off, are in no view', () => {
  const wrong = files.filter((path) => path.endsWith('.hbs') && readFileSync(path, 'utf8').includes('{{{'))
  expect(wrong).toEqual([])
})

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? walk(path) : [path]
  })
}
