import type { Place } from '#hub/model/mapping.ts'
import { collectPlaces } from '#mappings/rules/written-places.ts'
import type { Base } from './compile.ts'
import type { MappingFacts } from './document.ts'

/**
 * Where members of the canonical document come from, in the words of the format: of those that rules set, the place that
 * their rule reads; of others, what the base says.
 */
export function placesOf(facts: MappingFacts, base: Base | null): (path: string) => Place | null {
  const written =
    facts.direction === 'toCanonical' ? collectPlaces(facts.canonical ?? []) : new Map<string, string>()
  return (path) => {
    const place = written.get(path.replace(/\[\d+\]/g, '[]'))
    if (place === undefined) return base?.placeOf(path) ?? null
    const index = /\[(\d+)\]/.exec(path)?.[1]
    return { what: index === undefined ? path : `Line ${Number(index) + 1}: ${path}`, write: place }
  }
}
