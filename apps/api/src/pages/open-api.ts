/** The parts of the OpenAPI document that this service changes after it was made from the routes. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, unknown>; responses?: Record<string, unknown>; [part: string]: unknown };
}

export interface Operation {
  operationId: string;
  security?: readonly object[];
  parameters?: { in: string; name: string; description?: string; required?: boolean; schema?: unknown }[];
  requestBody?: { content: Record<string, MediaType> };
  responses: Record<string, Response>;
}

export interface MediaType {
  schema?: unknown;
  examples?: Record<string, { summary: string; value: unknown }>;
}

export interface Response {
  description?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, MediaType>;
  $ref?: string;
}
