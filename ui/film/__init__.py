"""Films of routes: frames drawn off screen, captions burnt in, numbered pictures or H.264 out of them."""
