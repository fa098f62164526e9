import { type DataFrame, dateTimeFormat } from '@grafana/data';
import type { UPlotConfigBuilder } from '@grafana/ui';
import { useLayoutEffect, useRef } from 'react';

/** An event, or a region if it has an end. */
export interface Mark {
  time: number;
  timeEnd?: number;
  text: string;
  color: string;
}

/** Grafana's colour of annotations without one (`DEFAULT_ANNOTATION_COLOR`). */
const COLOR = '#00d3ff';

export function marksOf(frames: readonly DataFrame[] | undefined): Mark[] {
  return (frames ?? []).flatMap((frame) => {
    const named = (name: string) => frame.fields.find((field) => field.name === name)?.values ?? [];
    const [times, ends, titles, texts, colors] = ['time', 'timeEnd', 'title', 'text', 'color'].map(named);
    return times.map((time: number, row) => ({
      time,
      timeEnd: typeof ends[row] === 'number' && ends[row] > time ? ends[row] : undefined,
      text: [titles[row], texts[row]].filter(Boolean).join(': '),
      color: typeof colors[row] === 'string' ? colors[row] : COLOR,
    }));
  });
}

/** The marks that a person points at: within a hundredth of the width, or inside of the region. */
export function marksAt(marks: readonly Mark[], at: number, width: number): string[] {
  const near = width / 100;
  return marks
    .filter(({ time, timeEnd = time }) => at >= time - near && at <= timeEnd + near)
    .map(({ time, text }) => `${dateTimeFormat(time, { format: 'HH:mm:ss' })} ${text}`);
}

interface Props {
  config: UPlotConfigBuilder;
  marks: readonly Mark[];
}

type Plot = Parameters<NonNullable<Parameters<UPlotConfigBuilder['addHook']>[1]>>[0] & {
  ctx: CanvasRenderingContext2D;
  bbox: { left: number; top: number; width: number; height: number };
  valToPos: (value: number, scale: string, canvas: boolean) => number;
  redraw: (rebuildPaths?: boolean) => void;
};

/** Draws events as lines and regions as areas, as core's AnnotationsPlugin2 does, which is in no package. */
export function AnnotationMarks({ config, marks }: Props): null {
  const shown = useRef(marks);
  const plot = useRef<Plot>(undefined);
  useLayoutEffect(() => {
    shown.current = marks;
    plot.current?.redraw(false);
  }, [marks]);
  useLayoutEffect(() => {
    config.addHook('init', (u) => {
      plot.current = u;
    });
    config.addHook('draw', (u) => draw(u, shown.current));
  }, [config]);
  return null;
}

function draw(plot: Plot, marks: readonly Mark[]): void {
  const { ctx, bbox } = plot;
  const x = (time: number) => Math.round(plot.valToPos(time, 'x', true));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { time, timeEnd, color } of marks) {
    const from = x(time);
    ctx.fillStyle = color;
    if (timeEnd !== undefined) {
      ctx.globalAlpha = 0.15;
      ctx.fillRect(from, bbox.top, x(timeEnd) - from, bbox.height);
      ctx.globalAlpha = 1;
    }
    ctx.strokeStyle = color;
    ctx.setLineDash([5, 5]);
    ctx.beginPath();
    ctx.moveTo(from, bbox.top);
    ctx.lineTo(from, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
