import { Component, type ReactNode } from 'react';

interface BlockBoundaryProps {
  readonly type: string;
  readonly children: ReactNode;
}

/** Keeps a block that the renderer cannot show from taking the page with it. Slack would have refused such a message. */
export class BlockBoundary extends Component<BlockBoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return <p className="note">A {this.props.type} block that cannot be shown.</p>;
  }
}
