import { createRequire } from 'node:module'

interface PeerParser {
  encoding(level: string): void
  on(event: string, listener: (data: string) => void): void
  write(text: string): void
  end(): void
}
const require = createRequire(import.meta.url)
const Parser = require('edifact/parser.js') as new (validator?: unknown) => PeerParser

/** What npm `edifact` reads: `TAG+element+component:component` for each segment; null where it throws. */
export function peerSegments(bytes: Buffer): string[] | null {
  const segments: string[] = []
  try {
    const parser = new Parser()
    parser.encoding('UNOC')
    let elements: string[][] = []
    let tag: string | null = null
    const close = (): void => {
      if (tag !== null) segments.push([tag, ...elements.map((components) => components.join(':'))].join('+'))
      tag = null
    }
    parser.on('opensegment', (name) => {
      close()
      tag = name
      elements = []
    })
    parser.on('element', () => elements.push([]))
    parser.on('component', (data) => elements.at(-1)!.push(data))
    parser.write(bytes.toString('latin1'))
    parser.end()
    close()
    return segments
  } catch {
    return null
  }
}
