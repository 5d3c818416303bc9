//! Which of the listed resources an id of a bill or a metric means: by its key, or by another name that only
//! one of them has. A name that two resources share means neither.

use super::name::{GOOGLE, tail};
use super::{Resource, key};
use std::collections::BTreeMap;

/// Listed resources by everything that they may be called.
#[derive(Debug, Default)]
pub struct Known {
    /// Key or other name to the place in the list; `None` where several resources have that name.
    places: BTreeMap<String, Option<usize>>,
    /// Key of each listed resource.
    keys: Vec<String>,
}

impl Known {
    /// Of these resources, in their order.
    pub fn of(resources: &[Resource]) -> Known {
        let keys: Vec<String> = resources.iter().map(|one| key(&one.id)).collect();
        let mut places: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (at, key) in keys.iter().enumerate() {
            places.entry(key.clone()).or_insert(Some(at));
        }
        let mut others: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (at, resource) in resources.iter().enumerate() {
            for name in other_names(resource) {
                let place = others.entry(name).or_insert(Some(at));
                if place.is_some_and(|other| keys[other] != keys[at]) {
                    *place = None;
                }
            }
        }
        for (name, place) in others {
            places.entry(name).or_insert(place);
        }
        Known { places, keys }
    }

    /// The place in the list of the resource that an id means.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.places.get(&key(id)).copied().flatten()
    }

    /// The key of the listed resource that an id means, or the id's own.
    pub fn key(&self, id: &str) -> String {
        let own = key(id);
        match self.places.get(&own).copied().flatten() {
            Some(at) => self.keys[at].clone(),
            None => own,
        }
    }
}

/// Keys of its other ids; of Google's resources also the bare name and number, as metrics have them.
fn other_names(resource: &Resource) -> Vec<String> {
    let mut names: Vec<String> = resource.keys().skip(1).collect();
    for key in resource.keys().filter(|key| key.contains(GOOGLE)) {
        names.push(tail(&key).to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(project: &str, name: &str, number: &str) -> Resource {
        Resource {
            id: format!("//compute.googleapis.com/projects/{project}/zones/z-a/instances/{name}"),
            also: vec![format!("//compute.googleapis.com/instances/{number}")],
            ..Resource::default()
        }
    }

    #[test]
    fn a_machine_is_known_by_its_number_and_by_a_name_of_its_own() {
        let listed = [
            machine("a", "web", "7001"),
            machine("b", "web", "7002"),
            machine("b", "db", "7003"),
        ];
        let known = Known::of(&listed);
        let billed = "//compute.googleapis.com/projects/118273645/zones/z-a/instances/7002";
        assert_eq!(known.find(billed), Some(1));
        assert_eq!(known.key(billed), key(&listed[1].id));
        assert_eq!((known.find("7003"), known.find("db")), (Some(2), Some(2)));
        assert_eq!(known.find("web"), None, "two machines have that name");
        assert_eq!(known.find("gce://a/z-a/web"), Some(0));
        assert_eq!(known.key("i-0AB"), "i-0ab");
    }
}
