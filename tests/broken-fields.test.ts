import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { httpsSettings } from '#hub/transports/https/outbound.ts'
import { mailboxSettings } from '#hub/transports/mailbox/index.ts'
import { sftpSettings } from '#hub/transports/sftp/index.ts'
import { withMappings } from '#mappings/verbs.ts'
import { applyConfiguration, ConfigurationError, type ConfigurationDeps } from '#partners/apply.ts'
import type { Problem } from '#partners/problems.ts'
import { fullAgreement, fullCodeList, fullMapping, fullPartner } from './support/full-configuration.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'
import { fieldText, placedYaml, pathsOf, withoutAt, withAt, type Path } from './support/placed-yaml.ts'

/*
 * Every field of a full document of each kind is broken in turn: by another type, by a value it may not hold, by leaving it out, and by a
 * field beside it that nobody knows. The error names file, line, field and what was expected, and nothing is applied.
 */

let database: TestDatabase
let deps: ConfigurationDeps

beforeAll(async () => {
  database = await testDatabase()
  deps = {
    store: database.store,
    sealer: await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() }),
    settingsSchemas: { https: httpsSettings, sftp: sftpSettings, mailbox: mailboxSettings },
    env: {},
  }
})
afterAll(async () => {
  await database.drop()
})

const kinds = [
  ['partner', fullPartner],
  ['agreement', fullAgreement],
  ['mapping', fullMapping],
  ['codeList', fullCodeList],
] as const

/** What may hold anything, by design. */
const free = [
  /terms\.when\./,
  /settings\.headers\./,
  /mappingSettings/,
  /\.settings\.free$/,
  /tests\[0\]\.settings/,
]

/** Texts of documents, in which line ends and others may stand. */
const anyText = /\.(otherwise|value|before|after|with|input)$/

interface Broken {
  path: Path
  /** The place that the error names: for what is missing its own name, at the line of what is around it. */
  field: string
  line: number
  text: string
  how: string
}

describe.each(kinds)('%s', (kind, full) => {
  const document = { [kind]: full }
  const paths = pathsOf(document).filter((path) => !free.some((one) => one.test(fieldText(path))))

  test('the full document is good: it is applied as it stands', async () => {
    const problems = await applied([{ path: 'good.yaml', text: placedYaml(document).text }, ...others(kind)])
    expect(problems).toEqual([])
  })

  test('each field with a value of another type or one it may not hold', async () => {
    const cases = paths
      .filter((path) => path.length > 1)
      .flatMap((path) =>
        [...wrongValues(document, path)].map(([how, value]) => broken(document, path, how, value)),
      )
    await refusedAll(kind, cases)
    expect(cases.length).toBeGreaterThan(8)
  })

  test('a field that nobody knows beside each other', async () => {
    const objects = paths.filter((path) => path.length > 0 && isObject(valueAt(document, path)))
    const cases = objects
      .filter(
        (path) =>
          !/secrets$|namespaces$|terms\.when$|settings\.secretHeaders$|settings\.headers$|logins/.test(
            fieldText(path),
          ),
      )
      .map((path): Broken => {
        const added = [...path, 'strangeField']
        const written = placedYaml(withAt(document, added, 'x'))
        const [field, line] = [fieldText(added), written.lineOf(added)]
        return { path: added, field, line, text: written.text, how: 'is not known' }
      })
    await refusedAll(kind, cases)
  })

  test('each field left out is either not needed, or is named as missing', async () => {
    let missing = 0
    for (const path of paths.filter((one) => one.length > 1 && typeof one.at(-1) === 'string')) {
      const written = placedYaml(withoutAt(document, path))
      const problems = await planned(kind, written.text)
      const own = problems.filter((problem) => problem.file === 'broken.yaml')
      if (own.length === 0) continue
      missing += 1
      for (const problem of own) {
        expect(problem.line, `${fieldText(path)}: ${problem.message}`).toBeGreaterThan(0)
        expect(problem.field, problem.message).not.toBe('')
        expect(problem.message).toMatch(told)
      }
    }
    expect(missing).toBeGreaterThan(1)
  })
})

/** Words by which a problem says what is expected, or what there is. */
const told =
  /expected|unknown|is missing|there is no|there are|belongs to|may |has |least|most|same|take|in quotes|check digit|joins|belong to|is a whole number/i

async function refusedAll(kind: string, cases: readonly Broken[]): Promise<void> {
  const before = await standing()
  for (const { field, line, text, how } of cases) {
    const problems = await applied([{ path: 'broken.yaml', text }, bystander, ...others(kind)])
    const what = `${field} ${how}: ${JSON.stringify(problems.slice(0, 3))}`
    expect(problems.length, what).toBeGreaterThan(0)
    const named = problems.find((problem) => problem.field === field)
    expect(named, what).toBeDefined()
    expect(named, what).toMatchObject({ file: 'broken.yaml', line })
    expect(named?.message, what).toMatch(told)
  }
  expect(await standing()).toEqual(before)
}

/** A good document beside the broken one: it must not be applied either. */
const bystander = { path: 'bystander.yaml', text: 'partner: { key: bystander, name: Bystander }\n' }

/** What a document refers to, so that nothing but its own fields is wrong. */
function others(kind: string): { path: string; text: string }[] {
  const needed =
    kind === 'agreement' ? { partner: fullPartner } : kind === 'mapping' ? { codeList: fullCodeList } : null
  return needed === null ? [] : [{ path: 'other.yaml', text: placedYaml(needed).text }]
}

async function applied(files: { path: string; text: string }[]): Promise<readonly Problem[]> {
  return withMappings(deps, (further) =>
    applyConfiguration({ ...deps, further }, files, { actor: 'cli' }).then(
      () => [],
      (error: unknown) => {
        if (error instanceof ConfigurationError) return error.problems
        throw error
      },
    ),
  )
}

async function planned(kind: string, text: string): Promise<readonly Problem[]> {
  const { planConfiguration } = await import('#partners/apply.ts')
  return withMappings(deps, (further) =>
    planConfiguration({ ...deps, further }, [{ path: 'broken.yaml', text }, ...others(kind)]).then(
      () => [],
      (error: unknown) => {
        if (error instanceof ConfigurationError) return error.problems
        throw error
      },
    ),
  )
}

/** Everything that a configuration changes. */
async function standing(): Promise<unknown> {
  const { rows } = await database.admin.query(
    `select (select json_agg(p order by p.id) from partner p) partners, (select json_agg(i order by i.id) from identity i) identities,
            (select json_agg(c order by c.id) from channel c) channels, (select json_agg(p order by p.id) from profile p) profiles,
            (select json_agg(a order by a.id) from agreement a) agreements, (select json_agg(m order by m.id) from mapping m) mappings,
            (select json_agg(l order by l.id) from code_list l) lists, (select count(*)::int from entry) entries,
            (select count(*)::int from credential) credentials, (select version::int from config_version) version`,
  )
  return rows[0]
}

function broken(document: unknown, path: Path, how: string, value: unknown): Broken {
  const written = placedYaml(withAt(document, path, value))
  return { path, field: fieldText(path), line: written.lineOf(path), text: written.text, how }
}

function* wrongValues(document: unknown, path: Path): Generator<[string, unknown]> {
  const value = valueAt(document, path)
  if (Array.isArray(value)) yield ['as a text', 'x']
  else if (isObject(value)) yield ['as a number', 5]
  else if (typeof value === 'boolean') yield ['as a text', 'maybe']
  else if (typeof value === 'number') {
    yield ['as a text', 'many']
    yield ['below nothing', -1]
  } else {
    yield ['as a list', ['x']]
    if (!anyText.test(fieldText(path))) yield ['with a control character', 'a\u0007b']
  }
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)[step], document)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
