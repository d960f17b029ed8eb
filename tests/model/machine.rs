//! The machine as the checker sees it: a state is what has happened so far; two histories that leave the world the same are one
//! state.

use crate::actions::Action;
use crate::broken::Broken;
use crate::place::Place;
use crate::promises::Promise;
use crate::world::World;
use stateright::{Model, Property};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

pub(crate) struct Machine {
    pub(crate) place: Place,
    pub(crate) broken: Option<Broken>,
    /// What has happened before.
    pub(crate) starts: Vec<Vec<Action>>,
    /// How many things may happen then.
    pub(crate) depth: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    history: Vec<Action>,
    /// How many of these were the start.
    start: usize,
    /// What the credential and the world are, in one number.
    fingerprint: u64,
    broken: Option<Promise>,
    next: Vec<Action>,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl Machine {
    fn state(&self, history: Vec<Action>, start: usize) -> State {
        let mut world = World::new(self.place, self.broken);
        for action in &history {
            world.happens(*action);
        }
        let mut hasher = DefaultHasher::new();
        format!("{world:?}").hash(&mut hasher);
        let next = world.possible();
        if world.broken.is_none() {
            world.comes_to_an_end();
        }
        State {
            history,
            start,
            fingerprint: hasher.finish(),
            broken: world.broken,
            next,
        }
    }
}

impl Model for Machine {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let starts = self.starts.iter();
        starts.map(|start| self.state(start.clone(), start.len())).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.history.len() - state.start < self.depth && state.broken.is_none() {
            actions.extend(&state.next);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut history = last.history.clone();
        history.push(action);
        Some(self.state(history, last.start))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            property::<0>(),
            property::<1>(),
            property::<2>(),
            property::<3>(),
            property::<4>(),
            property::<5>(),
            property::<6>(),
            property::<7>(),
            property::<8>(),
            property::<9>(),
            property::<10>(),
            property::<11>(),
        ]
    }
}

/// That a promise holds. The checker takes functions that capture nothing.
fn property<const NUMBER: usize>() -> Property<Machine> {
    Property::always(Promise::ALL[NUMBER].name(), |_, state: &State| {
        state.broken != Some(Promise::ALL[NUMBER])
    })
}
