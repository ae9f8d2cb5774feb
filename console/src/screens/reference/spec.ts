import spec from 'virtual:openapi';

// The parts of an OpenAPI 3.1 file that the reference shows.
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
}
interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}
interface Body {
  $ref?: string;
  content?: Record<string, { schema?: Schema }>;
}
interface RawOperation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  parameters?: Parameter[];
  requestBody?: Body;
  responses: Record<string, Body>;
}
export interface Spec {
  info: { title: string; version: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, RawOperation> & { parameters?: Parameter[] }>;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string | undefined;
  tag: string;
  parameters: Parameter[];
  body: string;
  status: string;
  answer: string;
}

function resolve<T extends { $ref?: string }>(value: T): T {
  if (!value.$ref) {
    return value;
  }
  const found = value.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], spec);
  return found as T;
}

function membersOf(schema: Schema): { properties: Record<string, Schema>; required: string[] } {
  const { properties = {}, required = [], allOf = [] } = resolve(schema);
  const parts = allOf.map(membersOf);
  return {
    properties: Object.assign({}, ...parts.map((part) => part.properties), properties) as Record<string, Schema>,
    required: [...parts.flatMap((part) => part.required), ...required],
  };
}

// shapeOf writes a schema the way a person reads it: members with their types, optional ones with a ?.
export function shapeOf(schema: Schema | undefined, indent = '', depth = 0): string {
  if (!schema) {
    return 'any';
  }
  const plain = resolve(schema);
  if (plain.enum) {
    return plain.enum.map((word) => `"${word}"`).join(' | ');
  }
  if (plain.oneOf) {
    return plain.oneOf.map((one) => shapeOf(one, indent, depth)).join(' | ');
  }
  if (plain.items) {
    return `[${shapeOf(plain.items, indent, depth)}]`;
  }
  const { properties, required } = membersOf(plain);
  const names = Object.keys(properties);
  if (names.length === 0 || depth > 3) {
    return [plain.format ?? plain.type ?? 'object'].flat().join(' | ');
  }
  const inner = `${indent}  `;
  const lines = names.map(
    (name) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${shapeOf(properties[name], inner, depth + 1)}`,
  );
  return `{\n${lines.join('\n')}\n${indent}}`;
}

const schemaOf = (body: Body | undefined) => Object.values(body ? (resolve(body).content ?? {}) : {})[0]?.schema;

export const operations: Operation[] = Object.entries(spec.paths).flatMap(
  ([path, { parameters: shared = [], ...verbs }]) =>
    Object.entries(verbs as Record<string, RawOperation>).map(([verb, raw]) => {
      const [status = '', answer] = Object.entries(raw.responses)[0] ?? [];
      const answered = schemaOf(answer);
      const body = schemaOf(raw.requestBody);
      return {
        id: raw.operationId,
        method: verb.toUpperCase(),
        path: (spec.servers[0]?.url ?? '') + path,
        summary: raw.summary,
        description: raw.description,
        tag: raw.tags[0] ?? '',
        parameters: [...shared, ...(raw.parameters ?? [])].map(resolve),
        body: body ? shapeOf(body) : '',
        status,
        answer: answered ? shapeOf(answered) : '',
      };
    }),
);
