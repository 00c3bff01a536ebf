import type { Place } from '#hub/model/mapping.ts'
import { splitAtLoop } from '#mappings/rules/place.ts'
import type { WrittenRule } from '#mappings/rules/schema.ts'
import type { Base } from './compile.ts'
import type { MappingFacts } from './document.ts'

/**
 * Where members of the canonical document come from, in the words of the format: of those that rules set, the place that
 * their rule reads; of others, what the base says.
 */
export function placesOf(facts: MappingFacts, base: Base | null): (path: string) => Place | null {
  const written = new Map<string, string>()
  if (facts.direction === 'toCanonical') collect(facts.canonical ?? [], '', '', written)
  return (path) => {
    const place = written.get(path.replace(/\[\d+\]/g, '[]'))
    if (place === undefined) return base?.placeOf(path) ?? null
    const index = /\[(\d+)\]/.exec(path)?.[1]
    return { what: index === undefined ? path : `Line ${Number(index) + 1}: ${path}`, write: place }
  }
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
