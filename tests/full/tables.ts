/** The tables of docs/full.md and their columns. */
export const figureTables = {
  heap: ['file', 'memory of the hub', 'longest pause', 'time', 'came to'],
  sizes: ['work', 'time', 'speed', 'memory of the hub', 'checked'],
  long: ['message', 'time', 'longest pause', 'memory of the hub', 'came to'],
  soak: ['seed', 'seconds', 'sent', 'kills', 'came to'],
  senders: ['who is slow', 'what the others see', 'checked'],
  receivers: ['who is slow', 'what the others see', 'checked'],
} as const

export type FigureTable = keyof typeof figureTables
