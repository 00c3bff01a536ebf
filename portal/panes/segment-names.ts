import type { DescribedSegment } from '#hub/formats/edifact/segment-view.ts'
import type { EdifactSegment } from '#hub/formats/edifact/tree.ts'
import type { Language } from '../words.ts'

/** French names of the segments that people meet most; the directories have English ones alone. */
const frenchNames: Readonly<Record<string, string>> = {
  ALC: 'Remise ou frais',
  ALI: 'Information complémentaire',
  BGM: 'Début du message',
  CNT: 'Total de contrôle',
  COM: 'Coordonnées',
  CTA: 'Contact',
  CUX: 'Devises',
  DTM: 'Date ou heure',
  FTX: 'Texte libre',
  IMD: 'Désignation',
  LIN: 'Ligne d’article',
  LOC: 'Lieu',
  MEA: 'Mesures',
  MOA: 'Montant',
  NAD: 'Nom et adresse',
  PAC: 'Emballage',
  PAT: 'Conditions de paiement',
  PIA: 'Autre identifiant d’article',
  PRI: 'Prix',
  QTY: 'Quantité',
  RFF: 'Référence',
  TAX: 'Taxe',
  TDT: 'Transport',
  TOD: 'Conditions de livraison',
  UCD: 'Donnée en erreur',
  UCI: 'Réponse à l’interchange',
  UCM: 'Réponse à un message',
  UCS: 'Segment en erreur',
  UNH: 'En-tête de message',
  UNS: 'Séparation de sections',
  UNT: 'Fin de message',
}

/** French meanings of codes, by the segment they stand first in. */
const frenchMeanings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DTM: {
    '2': 'Livraison demandée',
    '10': 'Expédition demandée',
    '63': 'Livraison au plus tard',
    '64': 'Livraison au plus tôt',
    '137': 'Date du document',
  },
  NAD: {
    BY: 'Acheteur',
    DP: 'Lieu de livraison',
    IV: 'Facturé',
    SU: 'Fournisseur',
  },
}

/**
 * What a segment is, and what its qualifier means, in words; empty where nobody has any. In French what has no French words is
 * said in English.
 */
export function segmentName(
  segment: EdifactSegment,
  described: DescribedSegment | undefined,
  language: Language,
): string {
  const { name = '', meaning = '' } = described ?? {}
  const code = segment.elements[0]?.[0] ?? ''
  const french = language === 'fr' ? frenchMeanings[segment.tag]?.[code] : undefined
  const shownName = (language === 'fr' ? frenchNames[segment.tag] : undefined) ?? name
  const shownMeaning = french ?? meaning
  const both = language === 'fr' ? `${shownName} : ${shownMeaning}` : `${shownName}: ${shownMeaning}`
  return shownMeaning === '' ? shownName : both
}
