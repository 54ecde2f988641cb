import type { Names } from './names.ts'

/**
 * A template with its own resource, `product`, as another resource. Templates are files that type-check as they are:
 *
 * - `product`, `products`, `Product`, `Products` in identifiers are replaced in their own case
 * - `'products'` is the table, `resource('products'` and `/products` the path, `'products:read'` a permission, `/product/`
 *   the folder
 * - `«product»` and `«products»` are words in a sentence
 * - lines from `// kwik:<part>` to `// kwik:end` are replaced by the lines of that part
 *
 * @param template text of the template
 * @param parts lines for each marked part, without indentation
 * @throws {TypeError} when a part has no lines, or none was marked
 */
export function render(template: string, names: Names, parts: Readonly<Record<string, readonly string[]>>): string {
  const words: Readonly<Record<string, string>> = {
    "resource('products'": `resource('${names.path}'`,
    "'products'": `'${names.table}'`,
    "'products:": `'${names.path}:`,
    '/products': `/${names.path}`,
    '/product/': `/${names.folder}/`,
    '«product»': names.words,
    '«products»': names.manyWords,
    '«a product»': /^[aeiou]/.test(names.words) ? `an ${names.words}` : `a ${names.words}`,
    products: names.many,
    Products: names.Many,
    product: names.one,
    Product: names.One,
  }
  const named = template.replace(
    /resource\('products'|'products[':]|\/products|\/product\/|«(?:a )?products?»|products|Products|product|Product/g,
    (word) => words[word] ?? word,
  )
  // Afterwards: the lines of a part are of this resource already, and may speak of products.
  return named.replace(
    /^([ \t]*)\/\/ kwik:([\w-]+)\n[\s\S]*?^[ \t]*\/\/ kwik:end\n/gm,
    (_, indent: string, part: string) => {
      const lines = parts[part]
      if (!lines) throw new TypeError(`the template has a part "${part}" that nobody fills`)
      return lines.map((line) => (line === '' ? '\n' : `${indent}${line}\n`)).join('')
    },
  )
}
