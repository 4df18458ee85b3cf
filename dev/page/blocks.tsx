import type { Block } from '../workspace/model.ts';
import { BlockBoundary } from './block-boundary.tsx';
import { Button, isButton } from './button.tsx';
import type { Place } from './place.ts';
import { RenderedBlock } from './rendered-block.tsx';

interface BlocksProps {
  readonly blocks: readonly Block[];
  readonly names: Readonly<Record<string, string>>;
  readonly place: Place;
}

/** The blocks of a message or modal. The renderer shows all but buttons: its own have no address to follow and report no click. */
export function Blocks({ blocks, names, place }: BlocksProps) {
  return blocks.map((block, index) => {
    const { buttons, rest } = takeButtons(block);
    return (
      <div key={index} className={`block ${block.type}`}>
        {rest && (
          <BlockBoundary key={JSON.stringify(rest)} type={block.type}>
            <RenderedBlock block={rest} names={names} />
          </BlockBoundary>
        )}
        {buttons.map((button) => (
          <Button key={`${place.as} ${String(button['action_id'])}`} button={button} place={place} />
        ))}
      </div>
    );
  });
}

type Buttons = readonly Readonly<Record<string, unknown>>[];

function takeButtons(block: Block): { buttons: Buttons; rest?: Block } {
  const { accessory, elements } = block;
  if (isButton(accessory)) return { buttons: [accessory], rest: { ...block, accessory: undefined } };
  if (block.type !== 'actions' || !Array.isArray(elements)) return { buttons: [], rest: block };
  const others: unknown[] = elements.filter((element) => !isButton(element));
  const buttons = elements.filter(isButton);
  return others.length > 0 ? { buttons, rest: { ...block, elements: others } } : { buttons };
}
