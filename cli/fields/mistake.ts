/** What is wrong with one field; told together with the mistakes of the others. */
export class FieldMistake extends Error {}
