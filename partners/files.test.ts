import { expect, test } from 'vitest'
import { agreementYaml, exampleFiles, retailerYaml, supplierYaml } from '#tests/support/configuration.ts'
import { readDocuments } from './files.ts'
import { problemLine } from './problems.ts'

function problemsOf(text: string): string[] {
  return readDocuments([{ path: 'a.yaml', text }]).problems.map(problemLine)
}

test('the example files have nothing wrong', () => {
  const { documents, problems } = readDocuments(exampleFiles)
  expect(problems).toEqual([])
  expect(documents.partners.map(({ value }) => value.key)).toEqual(['retailer', 'supplier'])
  expect(documents.agreements.map(({ value }) => value.key)).toEqual(['retailer-orders'])
})

/** One field broken, and what the problem must say: line, field, what it may hold. */
const broken: [text: string, from: string, to: string, problem: string][] = [
  [
    retailerYaml,
    'key: retailer',
    'key: Retailer Ltd',
    'a.yaml:2:3 partner.key: expected a key: small letters',
  ],
  [retailerYaml, 'name: Marché Invention', 'nom: Marché', 'a.yaml:3:3 partner.nom: unknown field'],
  [
    retailerYaml,
    'language: fr',
    'language: de',
    'a.yaml:4:3 partner.language: Invalid option: expected one of "en"|"fr"',
  ],
  [retailerYaml, 'Europe/Paris', 'Paris', 'a.yaml:5:3 partner.timeZone: expected an IANA time zone'],
  [
    retailerYaml,
    'scheme: gln',
    'scheme: ean',
    'a.yaml:7:9 partner.identities[0].scheme: expected one of `gln`',
  ],
  [
    retailerYaml,
    '"4012345000009"',
    '"4012345000008"',
    'a.yaml:7:22 partner.identities[0].value: the check digit of this GLN is wrong: 401234500000 is completed by 9',
  ],
  [
    retailerYaml,
    '"4012345000009"',
    '4012345000009',
    'a.yaml:7:22 partner.identities[0].value: expected text: put the value in quotes',
  ],
  [
    retailerYaml,
    'env: test }',
    'env: prod }',
    'a.yaml:7:46 partner.identities[0].env: Invalid option: expected one of "test"|"live"',
  ],
  [
    retailerYaml,
    'kind: https',
    'kind: ftp',
    'a.yaml:11:7 partner.channels[0].kind: Invalid option: expected one of "https"|"sftp"|"mailbox"',
  ],
  [retailerYaml, 'kind: password', 'kind: passwort', 'partner.channels[1].logins[0].kind'],
  [
    retailerYaml,
    'direction: sends',
    'direction: out',
    'a.yaml:19:7 partner.profiles[0].direction: Invalid option: expected one of "sends"|"receives"',
  ],
  [
    retailerYaml,
    'type: order',
    'type: bill',
    'a.yaml:21:7 partner.profiles[0].type: Invalid option: expected one of "order"',
  ],
  [
    retailerYaml,
    'format: edifact',
    'format: x13',
    'a.yaml:22:7 partner.profiles[0].format: Invalid option: expected one of "edifact"|"xml"|"json"',
  ],
  [
    retailerYaml,
    'syntax: always',
    'syntax: often',
    'partner.profiles[0].acknowledgements.syntax: Invalid option',
  ],
  [
    supplierYaml,
    '{ env: SUPPLIER_WEBHOOK }',
    '{ environment: SUPPLIER_WEBHOOK }',
    'partner.channels[0].secrets.webhook_secret.environment: unknown field',
  ],
  [agreementYaml, 'type: order', 'type: order, guides: A', 'agreement.sender.guides: unknown field'],
  [
    agreementYaml,
    '{ partner: supplier }',
    'all',
    'a.yaml:4:3 agreement.receiver: expected `any`, or `partner`',
  ],
  [
    agreementYaml,
    'deliverWithinMinutes: 60',
    'deliverWithinMinutes: soon',
    'a.yaml:6:5 agreement.terms.deliverWithinMinutes: Invalid input: expected number',
  ],
  [
    agreementYaml,
    'terms:',
    'from: 2026-02-30x\n  terms:',
    'a.yaml:5:3 agreement.from: expected a day such as 2026-12-31',
  ],
  [
    agreementYaml,
    'terms:',
    'from: 2026-02-02\n  until: 2026-02-01\n  terms:',
    'a.yaml:6:3 agreement.until: expected `until` to be later than `from`',
  ],
]

test.each(broken)(
  'a broken field is named with its line and what it may hold (%#)',
  (text, from, to, problem) => {
    expect(text).toContain(from)
    const problems = problemsOf(text.replace(from, to))
    expect(problems.join('\n')).toContain(problem)
  },
)

test('a missing field is named at the thing that lacks it', () => {
  expect(problemsOf('partner:\n  key: a\n')).toEqual(['a.yaml:1:1 partner.name: is missing: expected string'])
})

test('what is not YAML, twice the same, of another kind or too much is refused', () => {
  expect(problemsOf('partner: [a\n')[0]).toMatch(/^a\.yaml:\d+:\d+ not YAML: /)
  expect(problemsOf('partner:\n  key: a\n  key: b\n')[0]).toMatch(
    /^a\.yaml:3:3 not YAML: Map keys must be unique/,
  )
  expect(problemsOf('partners: []')[0]).toContain('expected one document with `partner:` or `agreement:`')
  expect(problemsOf('- a')[0]).toContain('expected one document with')
  expect(problemsOf('partner: { key: a, name: A }\n---\npartner: { key: a, name: B }')).toEqual([
    'a.yaml:3:12 partner.key: another partner has this key, in a.yaml',
  ])
  const bomb = `a: &a [x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, n) => `${name}: &${name} [${`*${'abcdefgh'[n]}, `.repeat(9)}]`).join('\n')}`
  expect(problemsOf(bomb)).toHaveLength(1)
  expect(problemsOf('partner: !!js/function "x"')[0]).toContain('not YAML')
})

test('nesting and size without end are a problem, not a crash', () => {
  expect(problemsOf(`partner: ${'['.repeat(200_000)}`)).toHaveLength(1)
  expect(problemsOf(`partner: ${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`)).toHaveLength(1)
  expect(problemsOf(`# ${'x'.repeat(5_000_000)}`)).toEqual(['a.yaml larger than 4194304 bytes'])
})

test('a name that is made to break things stays data or is refused', () => {
  expect(problemsOf('partner: { key: a, name: A, __proto__: { ours: true } }')[0]).toContain('unknown field')
  expect(problemsOf('partner: { key: a, name: "A\\r\\nBcc: b@example.com" }')[0]).toContain(
    'without control characters',
  )
  expect(({} as Record<string, unknown>)['ours']).toBeUndefined()
})

/** What people write without quotes, a slip of the hand, and what the message says besides. */
const hinted: [from: string, to: string, hint: string][] = [
  ['name: Marché Invention', 'name: Marché: Invention', 'a colon and a space'],
  ['name: Marché Invention', 'name: *Marché', 'begins with * or & stands in quotes'],
  ['name: Marché Invention', 'name: @Marché', 'stands in quotes'],
  ['name: Marché Invention', 'name: true', 'put "true" in quotes'],
  ['name: Marché Invention', 'name: #1 market', 'the rest of the line is a comment'],
  ['  name: Marché', '\tname: Marché', 'not with tabs'],
  ['name: Marché Invention', 'name: "Marché', 'a quote, a bracket, or the colon'],
  ['name: Marché Invention', 'nam: Marché', 'partner.nam: unknown field; did you mean `name`?'],
  ['timeZone:', 'timezone:', 'unknown field; did you mean `timeZone`?'],
  ['username:', 'user:', 'logins[0].user: unknown field; there are `kind`'],
  ['syntax: always', 'sintax: always', 'acknowledgements.sintax: unknown field; did you mean `syntax`?'],
  ['partner:\n', 'parnter:\n', 'did you mean `partner:`?'],
]

test.each(hinted)('a slip is met with what was meant (%#)', (from, to, hint) => {
  expect(retailerYaml).toContain(from)
  expect(problemsOf(retailerYaml.replace(from, to)).join('\n')).toContain(hint)
})
