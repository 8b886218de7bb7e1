//! Dotted paths as a tree, along which a value is walked once for all of them.

/// Where paths lead to from a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The whole path, where one ends here.
    path: Option<Box<str>>,
    children: Vec<Child>,
    /// Everything is needed: there is no tree.
    all: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Child {
    name: Box<str>,
    /// The name as the place of a list's element.
    element: Option<usize>,
    tree: Tree,
}

impl Tree {
    pub fn of<'p>(paths: impl Iterator<Item = &'p str>) -> Tree {
        let mut tree = Tree::default();
        paths.for_each(|path| tree.add(path, path));
        tree
    }

    pub fn all() -> Tree {
        Tree { all: true, ..Tree::default() }
    }

    fn add(&mut self, path: &str, rest: &str) {
        let (name, below) = rest.split_once('.').map_or((rest, None), |(name, below)| (name, Some(below)));
        let place = self.children.iter().position(|child| *child.name == *name).unwrap_or_else(|| {
            let digits = (1..=4).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit());
            // `00` is no place, as in JavaScript.
            let element = name.parse().ok().filter(|_| digits && (name.len() == 1 || !name.starts_with('0')));
            self.children.push(Child { name: name.into(), element, tree: Tree::default() });
            self.children.len() - 1
        });
        let Some(Child { tree, .. }) = self.children.get_mut(place) else { return };
        match below {
            Some(below) => tree.add(path, below),
            None => tree.path = Some(path.into()),
        }
    }

    pub fn is_all(&self) -> bool {
        self.all
    }

    /// The path that ends here.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    pub fn has_children(&self) -> bool {
        !self.children.is_empty()
    }

    /// The member of a name and its number among the children.
    pub fn child(&self, name: &str) -> Option<(u32, &Tree)> {
        let mut numbered = (0..).zip(&self.children);
        numbered.find(|(_, child)| *child.name == *name).map(|(number, child)| (number, &child.tree))
    }

    /// The element at a place of a list.
    pub fn element(&self, place: usize) -> Option<&Tree> {
        self.children.iter().find(|child| child.element == Some(place)).map(|child| &child.tree)
    }

    /// Whether some path goes on from here by this text, dots and all.
    pub fn is_rest(&self, text: &str) -> bool {
        text.contains('.') && {
            let end = text.split('.').try_fold(self, |tree, name| tree.child(name).map(|(_, child)| child));
            end.is_some_and(|tree| tree.path.is_some())
        }
    }

    /// All paths that end below, each with its rest from here.
    pub fn each_below(&self, tell: &mut dyn FnMut(&str, &str)) {
        self.below("", tell);
    }

    fn below(&self, so_far: &str, tell: &mut dyn FnMut(&str, &str)) {
        for child in &self.children {
            let rest = if so_far.is_empty() { child.name.to_string() } else { format!("{so_far}.{}", child.name) };
            if let Some(path) = &child.tree.path {
                tell(path, &rest);
            }
            child.tree.below(&rest, tell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_along_the_tree() {
        let tree = Tree::of(["value", "items", "items.0.id", "items.00", "a.b.c"].into_iter());
        let at = |names: &[&str]| {
            let end = names.iter().try_fold(&tree, |tree, name| tree.child(name).map(|(_, child)| child));
            end.and_then(Tree::path).map(String::from)
        };
        assert_eq!(at(&["items", "0", "id"]).as_deref(), Some("items.0.id"));
        assert_eq!(at(&["items"]).as_deref(), Some("items"));
        assert_eq!((at(&["a"]), at(&["a", "b"]), at(&["b"])), (None, None, None));
        let items = tree.child("items").unwrap().1;
        assert!(items.element(0).unwrap().child("id").is_some() && items.element(1).is_none());
        assert!(tree.is_rest("a.b.c") && !tree.is_rest("a.b") && !tree.is_rest("value"));
        assert!(tree.child("a").unwrap().1.is_rest("b.c"));
        let mut below = Vec::new();
        items.each_below(&mut |path, rest| below.push((path.to_string(), rest.to_string())));
        assert_eq!(below, [("items.0.id".into(), "0.id".into()), ("items.00".into(), "00".into())]);
    }
}
