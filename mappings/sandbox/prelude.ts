/*
 * What is evaluated in the sandbox before anything of a partner's. Text, because it runs in QuickJS and not here.
 *
 * There is no clock and nothing random in it, so that the same document gives the same bytes.
 */

/** Takes away what tells time, chance or the state of memory. */
export const deterministic = `
delete globalThis.Date
delete globalThis.WeakRef
delete globalThis.FinalizationRegistry
delete globalThis.Promise
delete Math.random
`

/**
 * Freezes whatever expressions can reach, so that nothing of one document stays for the next.
 */
export const frozen = `
;(() => {
  const seen = new Set()
  const freeze = (thing) => {
    if ((typeof thing !== 'object' && typeof thing !== 'function') || thing === null || seen.has(thing)) return
    seen.add(thing)
    for (const name of Reflect.ownKeys(thing)) {
      const { value, get, set } = Reflect.getOwnPropertyDescriptor(thing, name)
      freeze(value)
      freeze(get)
      freeze(set)
    }
    freeze(Object.getPrototypeOf(thing))
    Object.freeze(thing)
  }
  const generator = function* () {}
  const asynchronous = async () => {}
  for (const each of [globalThis, generator, asynchronous, generator(), [][Symbol.iterator](), new Map().keys(),
    new Set().keys(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)]) freeze(each)
})()
`

/** Defines `run` for expressions: takes input as JSON, gives the results in the order of the jobs as JSON. */
export const expressionRunner = `
globalThis.runWith = (functions) => {
  const parse = JSON.parse, stringify = JSON.stringify
  return (input, outputMost) => {
    const { document, data, jobs } = parse(input)
    let size = 0
    const results = []
    for (const { expression, value, item, index } of jobs) {
      let at = document
      for (const step of item) at = at === undefined || at === null ? undefined : at[step]
      const result = functions[expression](value === null ? undefined : value, document, at, index, data.settings)
      const kept = keep(result, expression)
      if (typeof kept === 'string') size += kept.length
      if (size > outputMost) return 'over'
      results.push(kept)
    }
    return stringify(results)
  }
  function keep(result, expression) {
    if (result === undefined || result === null || result === '') return null
    if (typeof result === 'string' || typeof result === 'boolean') return result
    if (typeof result === 'number' && Number.isFinite(result)) return String(result)
    if (typeof result === 'bigint') return String(result)
    throw new Error('expression ' + (expression + 1) + ' gave ' + (typeof result === 'number' ? result : 'a ' + typeof result) +
      ', expected a text, a number, true, false or nothing')
  }
}
`

/**
 * Defines `prepare(render, lists)`, which gives the function that renders. Each value is kept apart from the text: in its
 * place stands a mark, so that no value can ever be taken for syntax.
 */
export const templateRunner = `
globalThis.prepare = (render, listsText) => {
  const lists = JSON.parse(listsText), { parse, stringify } = JSON, isList = Array.isArray, own = Object.keys
  const helpers = { date, decimal, code, or, eq, cut, holds, keys }
  let pieces = [], values = [], size = 0, outputMost = 0, day = null
  const over = {}
  const text = (piece) => {
    size += piece.length
    if (size > outputMost) throw over
    pieces.push(piece)
  }
  const value = (given) => {
    if (given === undefined || given === null || given === '') return
    if (typeof given === 'object' || typeof given === 'function') throw new Error('a group of members stands where a value belongs')
    const kept = typeof given === 'string' ? given : String(given)
    size += kept.length + 8
    if (size > outputMost) throw over
    pieces.push('\\x80' + (values.push(kept) - 1) + '\\x81')
  }
  return (inputText, most) => {
    const input = parse(inputText)
    pieces = []
    values = []
    size = 0
    outputMost = most
    day = input.day
    try {
      render(input.document, input.data, text, value, helpers)
      const output = pieces.join('') + '\\x82' + stringify(values)
      pieces = values = []
      return output
    } catch (error) {
      if (error === over) return 'over'
      throw error
    }
  }

  function holds(given) {
    return Boolean(given) && !(isList(given) && given.length === 0)
  }
  function keys(given) {
    if (isList(given)) return given.map((_, index) => index)
    return typeof given === 'object' && given !== null ? own(given) : []
  }
  function date(value, pattern) {
    if (value === undefined || value === null || value === '') return ''
    const found = /^(\\d{4})-(\\d{2})-(\\d{2})(?:T?(\\d{2}):(\\d{2})(?::(\\d{2}))?)?/.exec(value)
    if (found === null) throw new Error(JSON.stringify(String(value).slice(0, 40)) + ' is not a date')
    const parts = { YYYY: found[1], YY: found[1].slice(2), MM: found[2], DD: found[3], hh: found[4] || '00', mm: found[5] || '00', ss: found[6] || '00' }
    return String(pattern).replace(/YYYY|YY|MM|DD|hh|mm|ss/g, (part) => parts[part])
  }
  function decimal(value, places, mark) {
    if (value === undefined || value === null || value === '') return ''
    const found = /^(-?)(\\d+)(?:\\.(\\d+))?$/.exec(value)
    if (found === null) throw new Error(JSON.stringify(String(value).slice(0, 40)) + ' is not a number')
    const separator = typeof mark === 'string' ? mark : '.'
    if (typeof places !== 'number') return value.replace('.', separator)
    let digits = found[2] + (found[3] || '').padEnd(places, '0').slice(0, places)
    if (((found[3] || '')[places] || '0') >= '5') digits = String(BigInt(digits) + 1n).padStart(digits.length, '0')
    const whole = places === 0 ? digits : digits.slice(0, -places)
    const zero = /^0*$/.test(digits)
    return (zero ? '' : found[1]) + whole + (places === 0 ? '' : separator + digits.slice(-places))
  }
  function code(list, value, otherwise) {
    if (value === undefined || value === null || value === '') return ''
    if (!Object.hasOwn(lists, list)) throw new Error('the mapping does not name the code list ' + JSON.stringify(list))
    const rows = Object.hasOwn(lists[list], value) ? lists[list][value] : []
    const row = rows.find(({ from, until }) => (from === undefined && until === undefined) ||
      (day !== null && (from === undefined || from <= day) && (until === undefined || day < until)))
    if (row !== undefined) return row.to
    if (typeof otherwise === 'string') return otherwise
    throw new Error(JSON.stringify(String(value).slice(0, 60)) + ' is not in the code list ' + JSON.stringify(list))
  }
  function or(...given) {
    return given.find((value) => value !== undefined && value !== null && value !== '')
  }
  function eq(one, other) {
    return String(one) === String(other)
  }
  function cut(value, length) {
    return value === undefined || value === null ? '' : String(value).slice(0, length)
  }
}
`

/** The helpers that a template may call. */
export const helperNames: ReadonlySet<string> = new Set(['date', 'decimal', 'code', 'or', 'eq', 'cut'])
