import { afterAll, describe, expect, test } from 'vitest'
import { createSandbox } from './index.ts'
import type { SandboxProgram } from './program.ts'

const sandbox = createSandbox()
afterAll(() => sandbox.close())

const order = { id: '345', issueDate: '2026-01-02', note: ["it's"], orderLine: [{ id: '1' }, { id: '2' }] }

function template(text: string, lists = {}): SandboxProgram {
  return { kind: 'template', template: text, lists }
}

async function render(text: string, document: unknown = order) {
  return sandbox.render(template(text), { document, data: { settings: {} }, day: '2026-01-02' }, 1)
}

async function evaluate(expression: string, value: unknown = null, document: unknown = order) {
  const program: SandboxProgram = { kind: 'expressions', expressions: [expression] }
  const jobs = [{ expression: 0, value, item: [], index: null }]
  const [result] = await sandbox.evaluate(program, { document, data: { settings: {} }, jobs }, 1)
  return result
}

describe('templates', () => {
  test('values are kept apart from the text', async () => {
    expect(await render("BGM+220+{{id}}'{{#each note}}FTX+{{this}}'{{/each}}")).toEqual({
      text: "BGM+220+\u00800\u0081'FTX+\u00801\u0081'",
      values: ['345', "it's"],
    })
  })

  test('helpers write dates, numbers and codes', async () => {
    const program = template(
      '{{date issueDate "DD.MM.YY"}} {{decimal "1.005" 2 ","}} {{code "units" "PCE"}}',
      {
        units: {
          PCE: [
            { to: 'old', until: '2026-01-01' },
            { to: 'C62', from: '2026-01-01' },
          ],
        },
      },
    )
    const input = { document: order, data: {}, day: '2026-01-02' }
    expect((await sandbox.render(program, input, 1)).values).toEqual(['02.01.26', '1,01', 'C62'])
  })

  test('what belongs to the engine is not there', async () => {
    expect(await render('{{process}}{{require}}{{globalThis}}{{data}}{{helpers}}{{this.text}}')).toEqual({
      text: '',
      values: [],
    })
    await expect(render('{{this.constructor.name}}')).rejects.toMatchObject({ code: 'sandboxFailed' })
  })
})

describe('expressions', () => {
  test('they give texts, numbers, truth or nothing', async () => {
    expect(await evaluate('value.toUpperCase()', 'abc')).toBe('ABC')
    expect(await evaluate('document.orderLine.length * 2')).toBe('4')
    expect(await evaluate('document.missing?.x')).toBeNull()
    expect(await evaluate('document.id === "345"')).toBe(true)
    await expect(evaluate('[1]')).rejects.toMatchObject({ code: 'sandboxFailed' })
    await expect(evaluate('0 / 0')).rejects.toMatchObject({ code: 'sandboxFailed' })
  })

  test('there is neither clock nor chance nor anything of the hub', async () => {
    const names = ['Date', 'Math.random', 'process', 'require', 'fetch', 'setTimeout', 'WeakRef', 'console']
    for (const name of names) expect(await evaluate(`typeof ${name}`)).toBe('undefined')
  })

  test('nothing of one document stays for the next', async () => {
    for (const write of [
      'globalThis.left = 1',
      'Object.prototype.left = 1',
      '(document.constructor.left = 1)',
      'Array.prototype.push = 1',
    ])
      await expect(evaluate(write)).rejects.toMatchObject({ code: 'sandboxFailed' })
    // code that is not strict fails in silence
    expect(await evaluate("[].constructor.constructor('globalThis.left = 1')()")).toBeNull()
    expect(await evaluate('typeof left + typeof ({}).left')).toBe('undefinedundefined')
  })

  test('one that leaves its brackets does not compile', async () => {
    const program: SandboxProgram = {
      kind: 'expressions',
      expressions: ['0)}, (() => { let c = 0; return () => c++'],
    }
    await expect(sandbox.check(program)).rejects.toMatchObject({ code: 'sandboxFailed' })
  })
})

describe('limits', () => {
  test.each([
    ['a loop without an end', '(() => { for (;;); })()', 'sandboxTime'],
    ['a text of a gigabyte', "'x'.repeat(1e9)", 'sandboxMemory'],
    [
      'a rope that is too long to be taken out',
      "(() => { let s = 'x'; for (let i = 0; i < 29; i++) s += s; return s })()",
      'sandboxOutput',
    ],
    ['recursion without an end', '(() => { const f = () => f() + 1; return f() })()', 'sandboxMemory'],
    ['a function of QuickJS itself that nothing interrupts', 'Array(5e8).indexOf(3)', 'sandboxTime'],
    ['a regular expression that backtracks', "/^(a+)+$/.test('a'.repeat(40) + 'b')", 'sandboxTime'],
  ])('%s is stopped with its name, and others go on', async (_what, expression, code) => {
    await expect(evaluate(expression)).rejects.toMatchObject({ code })
    expect(await evaluate('1 + 1')).toBe('2')
  })

  test('one that passes its limits again and again is left alone for a while', async () => {
    const bomb = '(() => { let n = 0; for (;;) n++ })()'
    for (let tries = 0; tries < 3; tries++)
      await expect(evaluate(bomb)).rejects.toMatchObject({ code: 'sandboxTime' })
    await expect(evaluate(bomb)).rejects.toMatchObject({ code: 'sandboxPaused' })
    expect(await evaluate('1 + 1')).toBe('2')
  })
})
