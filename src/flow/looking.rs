//! How callers look after the work they wait for.
//!
//! Work that waits for a moment is driven on by whoever looks after that moment. Work that waits for I/O gives a sign of
//! life every [`HEARTBEAT`]; if it has given none for [`LOST_AFTER`], and still none a [`HEARTBEAT`] after somebody
//! noticed, the one who looks does the I/O again. Work that waits in line looks after what is before it in the line.

use crate::error::Error;
use crate::flow::context::Level;
use crate::flow::credential::Credential;
use crate::flow::event::{CallId, Effect, HEARTBEAT, JobId};
use crate::flow::job::{LOST_AFTER, Pending};
use crate::flow::step::Input;
use crate::time::{Now, Span};
use alloc::rc::Rc;

/// How long after the moment somebody else's timer should have fired one looks whether it did.
const LOOK_AFTER: Span = Span::from_millis(1500);

impl Credential {
    /// A caller looks after the work it waits for, and arranges to look again.
    pub(super) fn look(&mut self, call: CallId, now: Now) {
        let Some(&job) = self.calls.get(call) else {
            return;
        };
        let stepped = self.tend(job, call, now);
        let Some((is_driver, pending)) = self.jobs.get(job).map(|job| (job.driver == call, &job.pending)) else {
            return;
        };
        if stepped && is_driver {
            return;
        }
        if let Pending::Turn(resource) = pending {
            let before = self
                .jobs
                .iter()
                .find(|(other, held)| **other != job && held.holds(resource));
            if let Some((&before, _)) = before {
                self.tend(before, call, now);
            }
        }
        let again = match self.jobs.get(job).map(|job| &job.pending) {
            Some(Pending::Until(at)) if is_driver => *at,
            Some(Pending::Until(at)) => at.after(LOOK_AFTER),
            // Whoever does I/O is told of its end.
            Some(Pending::Io(io)) if io.by == call => return,
            Some(Pending::Io(_) | Pending::Turn(_)) => now.monotonic.after(HEARTBEAT),
            None => return,
        };
        self.effects.push((call, Effect::WakeAt(again)));
    }

    /// `call` looks whether `job` makes progress, and sees to it if not. Says whether the job made a step.
    fn tend(&mut self, job: JobId, call: CallId, now: Now) -> bool {
        let Some(work) = self.jobs.get_mut(job) else {
            return false;
        };
        match &mut work.pending {
            Pending::Until(at) if now.monotonic >= *at => {
                work.driver = call;
                self.step(job, Input::Elapsed, now);
                return true;
            }
            Pending::Io(io) if io.alive_at.until(now.monotonic) > LOST_AFTER => {
                // After a machine has slept, everyone looks before anyone could give a sign of life.
                let suspected_at = *io.suspected_at.get_or_insert(now.monotonic);
                if suspected_at.until(now.monotonic) < HEARTBEAT {
                    return false;
                }
                work.driver = call;
                let before = core::mem::replace(&mut io.by, call);
                io.suspected_at = None;
                io.alive_at = now.monotonic;
                let again = io.effect(now);
                self.effects.push((call, again));
                // Should it only have been slow, it looks after its work like the others from now on.
                if before != call && self.calls.get(before).is_some() {
                    let look = now.monotonic.after(HEARTBEAT);
                    self.effects.push((before, Effect::WakeAt(look)));
                }
                self.ctx
                    .log(Level::Info, "took over from a caller whose context is gone");
            }
            _ => {}
        }
        false
    }

    /// A caller goes; the work ends with the last one.
    pub(super) fn leave(&mut self, call: CallId, error: Error, now: Now) {
        let Some(id) = self.calls.remove(call) else {
            return;
        };
        let finish = (call, Effect::Finish(Rc::new(Err(error))));
        let Some(job) = self.jobs.get_mut(id) else {
            return;
        };
        job.callers.retain(|other| *other != call);
        let Some(&heir) = job.callers.first() else {
            self.drop_job(id);
            self.effects.push(finish);
            return;
        };
        self.effects.push(finish);
        if job.driver == call {
            job.driver = heir;
            // What is under way goes on by itself; a moment must be waited for by somebody who stays.
            if let Pending::Until(at) = job.pending {
                self.effects.push((heir, Effect::WakeAt(at)));
            } else {
                self.effects
                    .push((heir, Effect::WakeAt(now.monotonic.after(HEARTBEAT))));
            }
        }
    }
}
