//! One source of chance, the same for the same seed.

/// Chance.
#[derive(Clone, Debug)]
pub struct Random(fastrand::Rng);

impl Random {
    /// The chance of one round of a run.
    pub fn new(seed: u64, round: u64) -> Self {
        // Neighbouring seeds must not give neighbouring rounds.
        let mut first = fastrand::Rng::with_seed(seed);
        Self(fastrand::Rng::with_seed(first.u64(..) ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end.max(1))
    }

    pub fn size(&mut self, end: usize) -> usize {
        self.0.usize(..end.max(1))
    }

    /// Both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    pub fn coin(&mut self) -> bool {
        self.0.bool()
    }

    pub fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    /// # Panics
    /// Where there is nothing to pick from.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.size(from.len())]
    }

    pub fn shuffle<T>(&mut self, what: &mut [T]) {
        self.0.shuffle(what);
    }

    /// One of these, by weight.
    pub fn weighted<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut at = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, what) in from {
            if at < *weight {
                return *what;
            }
            at -= weight;
        }
        from[0].1
    }
}
