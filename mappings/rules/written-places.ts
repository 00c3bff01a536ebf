import { splitAtLoop } from './place.ts'
import type { WrittenRule } from './schema.ts'

/** Where rules to canonical read the members that they set: by path of the member, with `[]` for any item. */
export function collectPlaces(rules: readonly WrittenRule[]): Map<string, string> {
  const written = new Map<string, string>()
  collect(rules, '', '', written)
  return written
}

function collect(
  rules: readonly WrittenRule[],
  target: string,
  source: string,
  written: Map<string, string>,
): void {
  for (const rule of rules) {
    if ('each' in rule) {
      const into = rule.into === undefined ? target : `${joined(target, rule.into)}[]`
      collect(rule.rules, into, source === '' ? rule.each : `${source}/${rule.each}`, written)
      continue
    }
    if (!('set' in rule)) continue
    const from = rule.from ?? rule.join?.join(', ')
    if (from === undefined) continue
    const plain = splitAtLoop(from) === null ? from : from.replace('[]', '')
    written.set(
      joined(target, rule.set).replace(/\[\d+\]/g, '[]'),
      source === '' ? plain : `${source}/${plain}`,
    )
  }
}

function joined(outer: string, inner: string): string {
  return outer === '' ? inner : `${outer}.${inner}`
}
