//! How callers look after the work they wait for.
//!
//! Work that waits for a moment is driven on by whoever looks after that moment. Work that waits for I/O gives a sign of
//! life every [`HEARTBEAT`]; if it has given none for [`LOST_AFTER`], and still none a [`HEARTBEAT`] after somebody
//! noticed, the one who looks does the I/O again. Work that waits in line looks after what is before it in the line.

use crate::error::Error;
use crate::flow::context::Level;
use crate::flow::credential::Credential;
use crate::flow::event::{CallId, HEARTBEAT, JobId};
use crate::flow::job::{LOST_AFTER, Pending};
use crate::flow::step::Input;
use crate::time::{Instant, Now};
use std::time::Duration;

/// How long after the moment somebody else's timer should have fired one looks whether it did.
const LOOK_AFTER: Duration = Duration::from_millis(1500);

/// When a caller goes on with work that waits for a moment. Whoever is not its driver leaves the driver time to do so: the clock
/// may have been behind when the moment was chosen, and only the driver's timer counts from then on.
const fn patient(at: Instant, is_driver: bool) -> Instant {
    if is_driver { at } else { at.after(LOOK_AFTER) }
}

impl Credential {
    /// A caller looks after the work it waits for, and arranges to look again.
    pub(super) fn look(&mut self, call: CallId, now: Now) {
        if !self.waits(call) {
            return;
        }
        let id = call.job;
        let stepped = self.tend(id, call, now);
        let Some(job) = self.job(id) else {
            return;
        };
        let is_driver = job.driver == call;
        if stepped && is_driver {
            return;
        }
        if let Pending::Turn(resource) = &job.pending {
            let resource = resource.clone();
            if let Some(before) = self.holder(&resource, id) {
                self.tend(before.id, call, now);
            }
        }
        let again = match self.job(id).map(|job| &job.pending) {
            Some(Pending::Until(at)) => patient(*at, is_driver),
            // Whoever does I/O is told of its end.
            Some(Pending::Io(io)) if io.by == call => return,
            Some(Pending::Io(_) | Pending::Turn(_)) => now.monotonic.after(HEARTBEAT),
            None => return,
        };
        self.wake(call, again);
    }

    /// `call` looks whether `job` makes progress, and sees to it if not. Says whether the job made a step.
    fn tend(&mut self, job: JobId, call: CallId, now: Now) -> bool {
        let Some(work) = self.job(job) else {
            return false;
        };
        match &mut work.pending {
            Pending::Until(at) if now.monotonic >= patient(*at, work.driver == call) => {
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
                let before = std::mem::replace(&mut io.by, call);
                io.suspected_at = None;
                io.alive_at = now.monotonic;
                let again = io.effect(now);
                self.effects.push_back((call, again));
                // Should it only have been slow, it looks after its work like the others from now on.
                if before != call && self.waits(before) {
                    self.wake(before, now.monotonic.after(HEARTBEAT));
                }
                self.ctx
                    .log(Level::Info, "took over from a caller whose context is gone");
            }
            _ => {}
        }
        false
    }

    /// A caller goes; the work ends with the last one.
    pub(super) fn leave(&mut self, call: CallId, now: Now) {
        let Some(job) = self.job(call.job) else {
            return;
        };
        let Some(at) = job.place_of(call) else {
            return;
        };
        if job.callers.len() == 1 {
            return self.finish(call.job, Err(Error::Aborted));
        }
        job.callers.remove(at);
        let heir = job.callers.first().copied().filter(|_| job.driver == call);
        let wake_at = match job.pending {
            // What is under way goes on by itself; a moment must be waited for by somebody who stays.
            Pending::Until(at) => at,
            _ => now.monotonic.after(HEARTBEAT),
        };
        if let Some(heir) = heir {
            job.driver = heir;
        }
        self.answer(call, Err(Error::Aborted));
        if let Some(heir) = heir {
            self.wake(heir, wake_at);
        }
    }
}
