import { useId } from 'react';
import type { PersonView } from '../workspace/model.ts';

interface PersonPickerProps {
  readonly people: readonly PersonView[];
  readonly me: PersonView;
  readonly onPick: (id: string) => void;
}

/** Chooses whose eyes and whose clicks these are. */
export function PersonPicker({ people, me, onPick }: PersonPickerProps) {
  const id = useId();
  return (
    <p className="acting">
      <label htmlFor={id}>Acting as</label>
      <select id={id} value={me.id} onChange={(event) => onPick(event.currentTarget.value)}>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}, {person.note}
          </option>
        ))}
      </select>
    </p>
  );
}
