import type { Mistake } from './mistakes.ts'
import { describeMistakes } from './snapshot.ts'

const table = `import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { defineTable } from '#core/table/define'
import { resource } from '../../plugins/resources/index.ts'
const table = defineTable('products', (t) => ({
  id: t.id(), name: t.string(200), price: t.decimal(10, 2).nullable(), status: t.enum('draft', 'live').default('draft'),
  ...t.audit(),
}))
`
const related = (options: string): string => `import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { defineTable } from '#core/table/define'
import { resource } from '../../plugins/resources/index.ts'
import { one, shape } from '../../plugins/shaping/index.ts'
const makers = defineTable('makers', (t) => ({ id: t.id(), name: t.string(200), secret: t.string(9) }))
const table = defineTable('products', (t) => ({ id: t.id(), name: t.string(200), makerId: t.ref(() => makers) }))
const list = shape(makers, { filter: { name: ['eq'] }, sort: { keys: ['name'] }, fields: { hidden: ['secret'] } })
const products = resource('products', { table, ${options} })
const api = treaty(new Elysia().use(products))
`
const maker = `relations: { maker: one(list, 'makerId') }`
const client = `const products = resource('products', {
  table, list: { filter: { price: ['gte'], status: true }, sort: { keys: ['price', 'createdAt'] } },
})
const app = new Elysia().use(products)
const api = treaty<typeof app>('localhost')
`
const declared = (options: string): string => `${table}resource('products', { table, ${options} })\n`
const called = (call: string): string => `${table}${client}api.products${call}\n`

/** Mistakes of a person who declares a resource, or calls one. */
const resourceMistakes: Readonly<Record<string, Mistake>> = {
  'resource-sort-key': {
    source: declared(`list: { sort: { keys: ['prize'] } }`),
    wrong: 'prize',
    allowed: ['price', 'createdAt'],
  },
  'resource-filter-field': {
    source: declared(`list: { filter: { nmae: true } }`),
    wrong: 'true',
    allowed: ['name', 'price', 'status'],
  },
  'resource-filter-operator': {
    source: declared(`list: { filter: { price: ['contains'] } }`),
    wrong: 'contains',
    allowed: ['eq', 'gte', 'lte'],
  },
  'resource-rule-operator': {
    source: declared(`fields: { price: { filter: ['contains'] } }`),
    wrong: 'contains',
    allowed: ['eq', 'gte', 'lte'],
  },
  'resource-upsert-field': { source: declared(`upsert: ['nmae']`), wrong: 'nmae', allowed: ['name'] },
  'resource-operation': { source: declared(`only: ['lst']`), wrong: 'lst', allowed: ['list'] },
  'resource-public-write': {
    source: declared(`permissions: false`),
    wrong: 'false',
    allowed: ['string', 'SayAuditFalse'],
  },
  'resource-client-sort': {
    source: called(`.get({ query: { sort: '-name' } })`),
    wrong: '-name',
    allowed: ['price', 'createdAt'],
  },
  'resource-client-body': { source: called(`.post({ nmae: 'Pen' })`), wrong: 'nmae', allowed: ['name'] },
  'resource-client-server-field': {
    source: called(`.post({ name: 'Pen', createdBy: 'me' })`),
    wrong: 'createdBy',
    allowed: [],
  },
  'resource-relation-field': {
    source: related(`list: { relations: { maker: one(list, 'makrId') } }`),
    wrong: 'makrId',
    allowed: ['id', 'name', 'makerId'],
  },
  'resource-relation-sort-key': {
    source: related(`list: { ${maker}, sort: { keys: ['maker.id'] } }`),
    wrong: 'maker.id',
    allowed: ['maker.name'],
  },
  'resource-client-relation': {
    source: `${related(`list: { ${maker} }`)}api.products.get({ query: { 'maker.secret': 'x' } })\n`,
    wrong: 'maker.secret',
    allowed: [],
  },
  'resource-client-expand': {
    source: `${related(`list: { ${maker} }`)}api.products.get({ query: { expand: 'makers' } })\n`,
    wrong: 'makers',
    allowed: ['maker'],
  },
  'resource-export-format': { source: declared(`export: ['xml']`), wrong: 'xml', allowed: ['ExportFormat'] },
  'resource-client-export': {
    source: `${related(`export: ['csv']`)}api.products.export.get({ query: { format: 'ndjson' } })\n`,
    wrong: 'ndjson',
    allowed: ['csv'],
  },
}

await describeMistakes('the compiler names the wrong word of a resource and the right ones:', resourceMistakes)
