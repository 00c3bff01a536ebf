import type { EdifactSegment } from '#hub/formats/edifact/tree.ts'
import type { Language } from '../words.ts'

/** Names of the segments that people meet most, in both languages; the others are shown by their tag alone. */
const names: Readonly<Record<string, readonly [en: string, fr: string]>> = {
  ALC: ['Allowance or charge', 'Remise ou frais'],
  ALI: ['Additional information', 'Information complémentaire'],
  BGM: ['Beginning of message', 'Début du message'],
  CNT: ['Control total', 'Total de contrôle'],
  COM: ['Contact address', 'Coordonnées'],
  CTA: ['Contact', 'Contact'],
  CUX: ['Currencies', 'Devises'],
  DTM: ['Date or time', 'Date ou heure'],
  FTX: ['Free text', 'Texte libre'],
  IMD: ['Item description', 'Désignation'],
  LIN: ['Line item', 'Ligne d’article'],
  LOC: ['Place', 'Lieu'],
  MEA: ['Measurements', 'Mesures'],
  MOA: ['Monetary amount', 'Montant'],
  NAD: ['Name and address', 'Nom et adresse'],
  PAC: ['Package', 'Emballage'],
  PAT: ['Payment terms', 'Conditions de paiement'],
  PIA: ['Additional product id', 'Autre identifiant d’article'],
  PRI: ['Price', 'Prix'],
  QTY: ['Quantity', 'Quantité'],
  RFF: ['Reference', 'Référence'],
  TAX: ['Tax', 'Taxe'],
  TDT: ['Transport', 'Transport'],
  TOD: ['Terms of delivery', 'Conditions de livraison'],
  UCD: ['Data element in error', 'Donnée en erreur'],
  UCI: ['Answer to the interchange', 'Réponse à l’interchange'],
  UCM: ['Answer to a message', 'Réponse à un message'],
  UCS: ['Segment in error', 'Segment en erreur'],
  UNH: ['Message header', 'En-tête de message'],
  UNS: ['Section control', 'Séparation de sections'],
  UNT: ['Message trailer', 'Fin de message'],
}

/** The qualifiers that make a date worth reading. */
const dates: Readonly<Record<string, readonly [en: string, fr: string]>> = {
  '2': ['Requested delivery', 'Livraison demandée'],
  '10': ['Requested shipment', 'Expédition demandée'],
  '63': ['Latest delivery', 'Livraison au plus tard'],
  '64': ['Earliest delivery', 'Livraison au plus tôt'],
  '137': ['Document date', 'Date du document'],
}

const parties: Readonly<Record<string, readonly [en: string, fr: string]>> = {
  BY: ['Buyer', 'Acheteur'],
  DP: ['Delivery party', 'Lieu de livraison'],
  IV: ['Invoicee', 'Facturé'],
  SU: ['Supplier', 'Fournisseur'],
}

/** What a segment is, in words; empty where the portal has none. */
export function segmentName(segment: EdifactSegment, language: Language): string {
  const qualifier = segment.elements[0]?.[0] ?? ''
  const special =
    segment.tag === 'DTM' ? dates[qualifier] : segment.tag === 'NAD' ? parties[qualifier] : undefined
  return (special ?? names[segment.tag])?.[language === 'fr' ? 1 : 0] ?? ''
}
