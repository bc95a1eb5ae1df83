import { createHash } from 'node:crypto';
import type { SpanPlace, Tracer } from '@gradsmith/core/ports';
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider, type IdGenerator } from '@opentelemetry/sdk-trace';

export interface Tracing {
  tracer: Tracer;
  /** Sends the remaining spans, within seconds even if the endpoint is unavailable. */
  close(): Promise<void>;
}

const CLOSE_MS = 3_000;

/**
 * Sends spans to an OTLP/HTTP endpoint, such as `http://127.0.0.1:4318`. A job is one trace. The ids of the trace and
 * of parent spans are digests of the job's and the trial's ids, so they are the same in every process.
 */
export function startTracing(service: string, endpoint: string): Tracing {
  const ids = new DerivedIds();
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  });
  const tracer = provider.getTracer('gradsmith');
  return {
    tracer: {
      async span(name, place, attributes, work) {
        const span = ids.as(place, (context) =>
          tracer.startSpan(name, { attributes: { 'gradsmith.job': place.job, ...attributes } }, context),
        );
        try {
          return await work();
        } catch (error) {
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: error instanceof Error ? error.message : String(error),
          });
          throw error;
        } finally {
          span.end();
        }
      },
    },
    close: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

/** Generates the given id once, and random ids otherwise. */
class DerivedIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #spanId: string | null = null;
  #traceId: string | null = null;

  generateTraceId(): string {
    return this.#traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#spanId ?? this.#random.generateSpanId();
  }

  /** Starting a span is synchronous, so no other span gets the ids. */
  as<T>({ job, id, parent }: SpanPlace, start: (context: typeof ROOT_CONTEXT) => T): T {
    this.#traceId = digestText(job, 32);
    this.#spanId = id === undefined ? null : digestText(`${job}/${id}`, 16);
    const parentContext =
      parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: this.#traceId,
            spanId: digestText(`${job}/${parent}`, 16),
            traceFlags: TraceFlags.SAMPLED,
            isRemote: true,
          });
    try {
      return start(parentContext);
    } finally {
      this.#traceId = this.#spanId = null;
    }
  }
}

function digestText(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
