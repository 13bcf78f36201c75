use leptos::prelude::*;

/// A part of something that is edited: read and written in its place.
pub struct Lens<T: Send + Sync + 'static> {
    read: Signal<T>,
    write: Callback<T>,
}

impl<T: Send + Sync + 'static> Clone for Lens<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Lens<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Lens<T> {
    /// The whole.
    pub fn of(whole: RwSignal<T>) -> Self {
        Self { read: whole.into(), write: Callback::new(move |value| whole.set(value)) }
    }

    pub fn get(self) -> T {
        self.read.get()
    }

    pub fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        self.read.with(look)
    }

    pub fn set(self, value: T) {
        self.write.run(value);
    }

    pub fn update(self, change: impl FnOnce(&mut T)) {
        let mut value = self.read.get_untracked();
        change(&mut value);
        self.write.run(value);
    }

    /// A part. It is read again only where it is another.
    pub fn zoom<U>(self, read: impl Fn(&T) -> U + Send + Sync + 'static, write: impl Fn(&mut T, U) + Send + Sync + 'static) -> Lens<U>
    where
        U: Clone + PartialEq + Send + Sync + 'static,
    {
        let part = Memo::new(move |_| self.read.with(|whole| read(whole)));
        Lens { read: part.into(), write: Callback::new(move |value| self.update(|whole| write(whole, value))) }
    }
}

impl<U: Clone + Default + PartialEq + Send + Sync + 'static> Lens<Vec<U>> {
    /// One of a list; nothing in particular where it has just been taken away.
    pub fn at(self, index: usize) -> Lens<U> {
        self.zoom(
            move |all| all.get(index).cloned().unwrap_or_default(),
            move |all, value| {
                if let Some(one) = all.get_mut(index) {
                    *one = value;
                }
            },
        )
    }

    pub fn len(self) -> Memo<usize> {
        Memo::new(move |_| self.read.with(Vec::len))
    }

    pub fn push(self, value: U) {
        self.update(|all| all.push(value));
    }

    pub fn remove(self, index: usize) {
        self.update(|all| {
            if index < all.len() {
                all.remove(index);
            }
        });
    }

    /// Puts one of them before the one that stands before it.
    pub fn raise(self, index: usize) {
        self.update(|all| {
            if (1..all.len()).contains(&index) {
                all.swap(index - 1, index);
            }
        });
    }
}
