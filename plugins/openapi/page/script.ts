/**
 * Runs in the browser: reads the document below its own path and shows it. It is sent as its own text, so everything
 * it needs is inside. Text only ever enters as text: what a document says is never taken as markup.
 */
export function show(): void {
  type Json = { readonly [key: string]: unknown }
  type Child = Node | string | undefined | false
  const root = document.getElementById('app') as HTMLElement
  const list = (value: unknown): Json[] => (Array.isArray(value) ? value : [])
  const entries = (value: unknown): [string, Json][] => Object.entries((value ?? {}) as Record<string, Json>)
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')

  function el(tag: string, attributes: Record<string, string>, ...children: Child[]): HTMLElement {
    const made = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
    made.append(...children.filter((one): one is Node | string => one !== undefined && one !== false && one !== ''))
    return made
  }

  function resolve(whole: Json, value: Json): Json {
    const ref = text(value['$ref'])
    if (!ref.startsWith('#/')) return value
    let at: unknown = whole
    for (const part of ref.slice(2).split('/')) at = (at as Json | undefined)?.[part]
    return (at as Json | undefined) ?? {}
  }

  function typeOf(schema: Json): string {
    const ref = text(schema['$ref'])
    if (ref !== '') return ref.slice(ref.lastIndexOf('/') + 1)
    if (Array.isArray(schema['enum'])) return schema['enum'].map((one) => JSON.stringify(one)).join(' | ')
    if ('const' in schema) return JSON.stringify(schema['const'])
    const any = [...list(schema['anyOf']), ...list(schema['oneOf'])]
    if (any.length > 0) return any.map(typeOf).join(' | ')
    const all = list(schema['allOf'])
    if (all.length > 0) return all.map(typeOf).join(' & ')
    if (schema['type'] === 'array') return `${typeOf((schema['items'] ?? {}) as Json)}[]`
    const type = Array.isArray(schema['type']) ? schema['type'].join(' | ') : text(schema['type']) || 'any'
    const format = text(schema['format'])
    return format === '' ? type : `${type} (${format})`
  }

  function limitsOf(schema: Json): string {
    const names: Record<string, string> = {
      minLength: 'min length',
      maxLength: 'max length',
      minimum: 'min',
      maximum: 'max',
      exclusiveMinimum: 'above',
      exclusiveMaximum: 'below',
      minItems: 'min items',
      maxItems: 'max items',
      pattern: 'pattern',
      default: 'default',
    }
    return (
      Object.entries(names)
        // Where a description says it in words, the pattern would only repeat it.
        .filter(([key]) => schema[key] !== undefined && (key !== 'pattern' || text(schema['description']) === ''))
        .map(([key, name]) => `${name} ${typeof schema[key] === 'string' ? schema[key] : JSON.stringify(schema[key])}`)
        .join(', ')
    )
  }

  function schemaTree(whole: Json, schema: Json, depth: number): HTMLElement {
    const real = resolve(whole, schema)
    const inner = real['type'] === 'array' ? resolve(whole, (real['items'] ?? {}) as Json) : real
    const required = Array.isArray(inner['required']) ? (inner['required'] as string[]) : []
    const properties = entries(inner['properties'])
    const rows = properties.map(([name, property]) => {
      const deep = resolve(whole, property)
      const nested = deep['properties'] !== undefined || deep['type'] === 'array'
      return el(
        'li',
        {},
        el('code', {}, name),
        ' ',
        el('span', { class: 'type mono' }, typeOf(property)),
        required.includes(name) && el('span', { class: 'must' }, ' required'),
        limitsOf(deep) !== '' && el('span', { class: 'soft' }, ` · ${limitsOf(deep)}`),
        text(deep['description']) !== '' && el('div', { class: 'soft' }, text(deep['description'])),
        nested && depth < 4 && schemaTree(whole, property, depth + 1),
      )
    })
    if (rows.length > 0) return el('ul', { class: 'tree' }, ...rows)
    return depth > 0 ? el('span', {}) : el('p', { class: 'mono' }, typeOf(schema))
  }

  function contentOf(whole: Json, content: unknown): Child[] {
    return entries(content).flatMap(([type, media]) => {
      const schema = (media['schema'] ?? {}) as Json
      return [
        el('div', { class: 'soft' }, `${type} · `, el('span', { class: 'mono' }, typeOf(schema))),
        type.includes('problem') ? undefined : schemaTree(whole, schema, 0),
      ]
    })
  }

  function parametersOf(operation: Json): Child {
    const rows = list(operation['parameters']).map((one) => {
      const schema = (one['schema'] ?? {}) as Json
      return el(
        'tr',
        {},
        el(
          'td',
          {},
          el('code', {}, text(one['name'])),
          one['required'] === true && el('span', { class: 'must' }, ' required'),
        ),
        el('td', {}, text(one['in'])),
        el('td', { class: 'mono' }, typeOf(schema)),
        el('td', {}, text(one['description']), ' ', el('span', { class: 'soft' }, limitsOf(schema))),
      )
    })
    if (rows.length === 0) return undefined
    const head = ['Name', 'In', 'Type', 'About'].map((name) => el('th', { scope: 'col' }, name))
    return el(
      'div',
      { class: 'scroll' },
      el('h3', {}, 'Parameters'),
      el('table', {}, el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...rows)),
    )
  }

  function curlOf(path: string, method: string, operation: Json): string {
    const guarded = list(operation['security']).length > 0
    const body = operation['requestBody'] !== undefined
    return [
      `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}'${location.origin}${path}'`,
      guarded && `-H "authorization: Bearer $TOKEN"`,
      body && `-H 'content-type: application/json' -d '{ … }'`,
    ]
      .filter((part) => part !== false)
      .join(' \\\n  ')
  }

  function neededOf(one: unknown): string {
    if (typeof one === 'string') return one
    const { own, any, all } = one as Json
    if (typeof own === 'string') return `${own} or ${own}:own`
    const words = list(any ?? all).map(neededOf)
    return words.length === 1 ? words[0]! : `(${words.join(any ? ' or ' : ' and ')})`
  }

  function operationOf(whole: Json, path: string, method: string, operation: Json): HTMLElement {
    const id = text(operation['operationId'])
    const guarded = list(operation['security']).length > 0
    const needs = operation['x-kwik-permissions'] as Json | undefined
    const chips = needs
      ? (needs['all'] ? list(needs['all']) : [needs]).map((one) => el('span', { class: 'chip mono' }, neededOf(one)))
      : []
    const old = operation['deprecated'] === true
    const body = operation['requestBody'] as Json | undefined
    const answers = entries(operation['responses']).map(([status, response]) => {
      const real = resolve(whole, response)
      return el(
        'div',
        { class: 'answer' },
        el('strong', { class: 'mono' }, status),
        text(real['description']),
        ...contentOf(whole, real['content']),
      )
    })
    return el(
      'details',
      { class: 'op', id },
      el(
        'summary',
        {},
        el('span', { class: `verb ${method}` }, method),
        el('span', { class: `path mono${old ? ' old' : ''}` }, path),
        el('span', { class: 'what' }, text(operation['summary']), old && ' (deprecated)'),
      ),
      el(
        'div',
        { class: 'body' },
        text(operation['description']) !== '' && el('p', {}, text(operation['description'])),
        el('p', {}, el('span', { class: 'chip' }, guarded ? 'sign-in needed' : 'open to anybody'), ...chips),
        parametersOf(operation),
        body && el('h3', {}, 'Body'),
        ...(body ? contentOf(whole, body['content']) : []),
        el('h3', {}, 'Responses'),
        ...answers,
        el('pre', {}, curlOf(path, method, operation)),
      ),
    )
  }

  function draw(whole: Json): void {
    const info = (whole['info'] ?? {}) as Json
    const groups = new Map<string, { about: string; operations: HTMLElement[]; links: HTMLElement[] }>()
    for (const tag of list(whole['tags']))
      groups.set(text(tag['name']), { about: text(tag['description']), operations: [], links: [] })
    for (const [path, item] of entries(whole['paths']))
      for (const [method, operation] of entries(item)) {
        const name = text((operation['tags'] as unknown[] | undefined)?.[0]) || 'other'
        const group = groups.get(name) ?? { about: '', operations: [], links: [] }
        groups.set(name, group)
        group.operations.push(operationOf(whole, path, method, operation))
        const link = el(
          'a',
          { href: `#${text(operation['operationId'])}` },
          el('span', { class: `verb ${method}` }, method),
          path,
        )
        group.links.push(el('li', {}, link))
      }
    const filled = [...groups].filter(([, { operations }]) => operations.length > 0)
    const search = el('input', {
      type: 'search',
      placeholder: 'Filter',
      'aria-label': 'Filter operations',
    }) as HTMLInputElement
    const nav = el(
      'nav',
      { 'aria-label': 'Operations' },
      search,
      el(
        'div',
        { class: 'links' },
        ...filled.flatMap(([name, { links }]) => [el('h2', {}, name), el('ul', {}, ...links)]),
      ),
    )
    const schemas = entries((whole['components'] as Json | undefined)?.['schemas'])
    const main = el(
      'main',
      { id: 'operations' },
      el('h1', {}, text(info['title']), el('small', {}, `version ${text(info['version'])}`)),
      text(info['description']) !== '' && el('p', {}, text(info['description'])),
      el(
        'p',
        {},
        el('a', { href: source }, 'The document as JSON'),
        el('span', { class: 'soft' }, ` · OpenAPI ${text(whole['openapi'])}`),
      ),
      ...filled.map(([name, { about, operations }]) =>
        el(
          'section',
          { 'aria-label': name },
          el('h2', {}, name),
          about !== '' && el('p', { class: 'soft' }, about),
          ...operations,
        ),
      ),
      el('h2', {}, 'Schemas'),
      ...schemas.map(([name, schema]) =>
        el(
          'details',
          { class: 'op' },
          el('summary', {}, el('code', {}, name)),
          el('div', { class: 'body' }, schemaTree(whole, schema, 0)),
        ),
      ),
    )
    root.replaceChildren(el('div', { class: 'layout' }, nav, main))
    search.addEventListener('input', () => {
      const wanted = search.value.toLowerCase()
      for (const one of root.querySelectorAll<HTMLElement>('section details.op, nav li'))
        one.hidden = !(one.querySelector('summary')?.textContent ?? one.textContent ?? '')
          .toLowerCase()
          .includes(wanted)
    })
    const open = (): void => {
      const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)))
      if (wanted instanceof HTMLDetailsElement) {
        wanted.open = true
        wanted.scrollIntoView()
      }
    }
    addEventListener('hashchange', open)
    open()
  }

  const source = `${location.pathname.replace(/\/+$/, '')}/json`
  fetch(source)
    .then((response) => {
      if (!response.ok) throw new Error(`the server answered ${response.status}`)
      return response.json()
    })
    .then(draw)
    .catch((error: unknown) => {
      const why = error instanceof Error ? error.message : 'it cannot be read'
      root.replaceChildren(el('p', { class: 'status', role: 'alert' }, `The document cannot be shown: ${why}.`))
    })
}
