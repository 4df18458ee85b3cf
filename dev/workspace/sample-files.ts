import { Canvas, type Colour, type Point } from './canvas.ts';
import { pdfOf } from './pdf.ts';

const INK: Colour = [68, 68, 68];
const GRID: Colour = [226, 226, 226];
const BLUE: Colour = [31, 119, 180];
const RED: Colour = [196, 40, 60];
const PLOT = { left: 96, top: 84, right: 1140, bottom: 440 } as const;
const ALARM = 80;
const MINUTES = 60;

/** A chart such as CloudWatch draws: an hour of a CPU, one point a minute, with the alarm's threshold. PNG, 1200 x 500. */
export function sampleChartPng(): Buffer {
  const canvas = new Canvas(1200, 500);
  canvas.text('CPUUtilization (%), web, Average', [PLOT.left, 28], 3, INK);
  drawGrid(canvas);
  const points = cpuLoad().map((load, minute): Point => at(minute / MINUTES, load));
  for (const [start, end] of points.map((point, index) => [point, points[index + 1] ?? point] as const)) {
    for (let x = Math.round(start[0]); x < Math.round(end[0]); x += 1) {
      const y = start[1] + ((end[1] - start[1]) * (x - start[0])) / (end[0] - start[0]);
      canvas.rectangle([x, Math.round(y)], [x + 1, PLOT.bottom], BLUE, 0.12);
    }
  }
  canvas.line(points, 3, BLUE);
  return canvas.png();
}

/** A report of one page with a table of figures. PDF 1.4, under 2 kB. */
export function sampleReportPdf(): Buffer {
  return pdfOf([
    { text: 'Nightly report', size: 22 },
    { text: 'Pipeline main/release, build 42', size: 11 },
    { text: '', size: 11 },
    { text: 'Tests            1,284 passed, 0 failed, 3 skipped', size: 11 },
    { text: 'Coverage         91.4 % of statements', size: 11 },
    { text: 'Duration         6 min 12 s', size: 11 },
    { text: 'Artifacts        app-1.2.3.tgz, cpu.png', size: 11 },
  ]);
}

function drawGrid(canvas: Canvas): void {
  for (const load of [0, 25, 50, 75, 100]) {
    const [left, y] = at(0, load);
    canvas.rectangle([left, y], [PLOT.right, y + (load === 0 ? 2 : 1)], load === 0 ? INK : GRID);
    canvas.text(String(load).padStart(3), [left - 68, y - 10], 3, INK);
  }
  for (const [index, time] of ['11:00', '11:10', '11:20', '11:30', '11:40', '11:50', '12:00'].entries()) {
    const [x] = at(index / 6, 0);
    canvas.rectangle([x, PLOT.top], [x + 1, PLOT.bottom + 8], index === 0 ? INK : GRID);
    canvas.text(time, [x - 44, PLOT.bottom + 20], 3, INK);
  }
  const [left, alarm] = at(0, ALARM);
  for (let x = left; x < PLOT.right; x += 18)
    canvas.rectangle([x, alarm], [Math.min(x + 10, PLOT.right), alarm + 2], RED);
  canvas.text(`alarm at ${ALARM} %`, [PLOT.right - 240, alarm - 30], 3, RED);
}

function at(share: number, load: number): Point {
  const { left, right, top, bottom } = PLOT;
  return [Math.round(left + (right - left) * share), Math.round(bottom - ((bottom - top) * load) / 100)];
}

// A quiet half hour, a deploy that pushes the load over the alarm, and the calm after scaling out. Always the same.
function cpuLoad(): number[] {
  let noise = 42;
  return Array.from({ length: MINUTES + 1 }, (_, minute) => {
    noise = (noise * 16_807) % 2_147_483_647;
    const jitter = (noise / 2_147_483_647 - 0.5) * 8;
    const usual = 31 + 8 * Math.sin(minute / 9) + 4 * Math.sin(minute / 2.5);
    const deploy = 56 * Math.exp(-(((minute - 35) / 4.5) ** 2));
    return Math.min(100, Math.max(2, usual + deploy + jitter));
  });
}
