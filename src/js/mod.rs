//! What JavaScript sees: the exported class, options in, results and errors out. Every conversion between JavaScript's
//! values and ours is here.

mod arguments;
mod bindings;
mod credential;
mod options;
mod property;
mod results;
