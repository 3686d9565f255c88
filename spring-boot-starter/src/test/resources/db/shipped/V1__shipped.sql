create table shipped (id int);
